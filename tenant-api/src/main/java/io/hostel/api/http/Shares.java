package io.hostel.api.http;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares something that is bounded, such as places or bytes, among {@link Party parties}, so that none of them takes all of it.
 *
 * <p>A party may hold at most {@code each}, and at most as much as is left free for the others: one that comes late finds room
 * however many came before (dynamic thresholds; Choudhury and Hahne, IEEE/ACM Transactions on Networking 6, 1998). The operator
 * has a reserve that nobody else takes from. Safe for any thread.
 */
final class Shares {
    private final String what;
    private final long each;
    private final long all;
    private final long reserve;
    private final Map<Party, Long> held = new HashMap<>();
    private long taken;

    /**
     * @param what is shared, in the plural, for people
     * @param all of all parties but the operator, at least {@code each}
     * @param reserve the operator's
     */
    Shares(String what, long each, long all, long reserve) {
        this.what = what;
        this.each = each;
        this.all = all;
        this.reserve = reserve;
    }

    /** Whether there is room for so much more, as there always is for nothing; it is counted until {@link #leave}. */
    synchronized boolean enter(Party who, long amount) {
        if (amount > 0 && amount > most(who) - held(who)) {
            return false;
        }
        enterAnyway(who, amount);
        return true;
    }

    /** Counts so much more, even where there is no room for it. */
    synchronized void enterAnyway(Party who, long amount) {
        held.merge(who, amount, Long::sum);
        if (!who.operator()) {
            taken += amount;
        }
    }

    boolean enter(Party who) {
        return enter(who, 1);
    }

    synchronized void leave(Party who, long amount) {
        long left = held(who) - amount;
        if (left < 0) {
            throw new IllegalStateException(who.name() + " gave back more " + what + " than it had");
        }
        if (left == 0) {
            held.remove(who);
        } else {
            held.put(who, left);
        }
        if (!who.operator()) {
            taken -= amount;
        }
    }

    void leave(Party who) {
        leave(who, 1);
    }

    synchronized long held(Party who) {
        return held.getOrDefault(who, 0L);
    }

    /** Of all parties, the operator included. */
    synchronized long held() {
        return taken + held(Party.OPERATOR);
    }

    /** Which bound it is that keeps the party out. */
    synchronized Problem refusal(Party who) {
        long most = who.operator() ? reserve : each;
        return Problem.tooMany(
                held(who) >= most
                        ? "at most " + most + " " + what + " at a time; wait for one to end"
                        : "the host's " + all + " " + what + " at a time are shared out, and your part of them is taken;"
                                + " wait for one to end");
    }

    private long most(Party who) {
        return who.operator() ? reserve : Math.min(each, all - taken);
    }
}
