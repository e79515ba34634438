package io.hostel.sys;

import java.nio.charset.StandardCharsets;

/**
 * What the kernel calls itself: uname(2).
 *
 * @param release e.g. {@code 6.1.0-28-amd64}
 * @param machine e.g. {@code x86_64}
 */
public record Uname(String system, String node, String release, String version, String machine) {
    private static final int FIELD_BYTES = 65;
    private static final int FIELDS = 6;

    public static Uname read() throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block to = memory.block(FIELDS * FIELD_BYTES);
            Syscall.check(Libc.LIBC.uname(to.address()), "uname", "the kernel");
            return new Uname(field(to, 0), field(to, 1), field(to, 2), field(to, 3), field(to, 4));
        }
    }

    private static String field(Memory.Block from, int index) {
        byte[] bytes = new byte[FIELD_BYTES];
        from.view().get(index * FIELD_BYTES, bytes);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) end++;
        return new String(bytes, 0, end, StandardCharsets.US_ASCII);
    }
}
