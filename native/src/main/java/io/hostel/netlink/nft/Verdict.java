package io.hostel.netlink.nft;

import java.util.Optional;

/** What becomes of a packet, or the chain where that is decided. */
public record Verdict(int code, Optional<String> chain) {
    public static final Verdict DROP = new Verdict(0, Optional.empty());
    public static final Verdict ACCEPT = new Verdict(1, Optional.empty());

    private static final int JUMP = -3;
    private static final int GOTO = -4;

    /** Comes back to the next rule when that chain is through. */
    public static Verdict jump(String chain) {
        return new Verdict(JUMP, Optional.of(chain));
    }

    /** Does not come back. */
    public static Verdict goTo(String chain) {
        return new Verdict(GOTO, Optional.of(chain));
    }
}
