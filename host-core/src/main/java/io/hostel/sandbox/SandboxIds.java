package io.hostel.sandbox;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.zip.CRC32;

/**
 * Names for sandboxes: the host's tag and ten random characters, fifty bits, so that none is ever used twice and none can be
 * guessed. The alphabet is Crockford's base 32 in lower case, which has no i, l, o and u to confuse with others.
 */
public final class SandboxIds {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int RANDOM_CHARACTERS = 10;

    private final String tag;
    private final SecureRandom random = new SecureRandom();

    /** @param tag see {@link #tag(String)} */
    public SandboxIds(String tag) {
        this.tag = tag;
    }

    /** Two characters made from the bridge's name, so that two hosts on one machine tell their things apart. */
    public static String tag(String bridge) {
        CRC32 sum = new CRC32();
        sum.update(bridge.getBytes(StandardCharsets.UTF_8));
        int bits = (int) sum.getValue();
        return "" + character(bits) + character(bits >>> 5);
    }

    public String next() {
        StringBuilder id = new StringBuilder(tag);
        for (int i = 0; i < RANDOM_CHARACTERS; i++) {
            id.append(character(random.nextInt()));
        }
        return id.toString();
    }

    private static char character(int bits) {
        return ALPHABET.charAt(bits & 31);
    }
}
