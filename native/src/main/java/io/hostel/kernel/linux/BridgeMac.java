package io.hostel.kernel.linux;

import io.hostel.netlink.route.Link;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A bridge's MAC is derived from its name: it stays the same as ports come and go, since every sandbox has it as its gateway's,
 * and it shows that the bridge is ours.
 */
final class BridgeMac {
    /** Locally administered, unicast. */
    private static final byte FIRST = 0x02;

    private BridgeMac() {}

    static byte[] of(String bridge) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("hostel bridge " + bridge).getBytes(StandardCharsets.UTF_8));
            byte[] mac = Arrays.copyOf(digest, 6);
            mac[0] = FIRST;
            return mac;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    static boolean isOurs(Link link) {
        return link.kind().equals("bridge")
                && link.mac().equals(HexFormat.ofDelimiter(":").formatHex(of(link.name())));
    }
}
