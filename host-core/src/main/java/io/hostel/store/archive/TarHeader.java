package io.hostel.store.archive;

import static io.hostel.store.archive.TarReader.damaged;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One 512-byte block that describes an entry (POSIX.1-2001 ustar, and GNU's numbers in base 256): name 0–99, mode 100–107,
 * size 124–135, mtime 136–147, checksum 148–155, type 156, link 157–256, magic 257–264, prefix 345–499.
 */
final class TarHeader {
    static final int SIZE = 512;

    private static final byte[] POSIX_MAGIC = {'u', 's', 't', 'a', 'r', 0};

    private final byte[] block;

    /** @throws io.hostel.api.RefusedException BadArchive where the checksum is wrong */
    TarHeader(byte[] block) {
        this.block = block;
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < SIZE; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += b & 0xff;
            signed += b;
        }
        long stored = number(148, 8);
        // Some old programs summed signed bytes.
        if (stored != unsigned && stored != signed) {
            throw damaged("a header's checksum is wrong");
        }
    }

    static boolean isEndMark(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    String name() {
        String name = text(0, 100);
        boolean posix = Arrays.equals(block, 257, 263, POSIX_MAGIC, 0, POSIX_MAGIC.length);
        String prefix = posix ? text(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String link() {
        return text(157, 100);
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    int mode() {
        return (int) (number(100, 8) & 07777);
    }

    long size() {
        return number(124, 12);
    }

    long modifiedSeconds() {
        return number(136, 12);
    }

    /** Octal digits, or, with the highest bit set, base 256; what is negative there counts as 0. */
    private long number(int offset, int length) {
        if ((block[offset] & 0x80) != 0) {
            return base256(offset, length);
        }
        long value = 0;
        boolean begun = false;
        for (int i = offset; i < offset + length; i++) {
            byte b = block[i];
            if (b >= '0' && b <= '7') {
                value = value << 3 | b - '0';
                begun = true;
            } else if (b == 0 || b == ' ' && begun) {
                break;
            } else if (b != ' ') {
                throw damaged("a header holds a number that is none");
            }
        }
        return value;
    }

    private long base256(int offset, int length) {
        if (block[offset] == (byte) 0xff) {
            return 0;
        }
        long value = block[offset] & 0x7f;
        for (int i = offset + 1; i < offset + length; i++) {
            if (value > Long.MAX_VALUE >> 8) {
                throw damaged("a header holds a number beyond 63 bits");
            }
            value = value << 8 | block[i] & 0xff;
        }
        return value;
    }

    private String text(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return text(Arrays.copyOfRange(block, offset, end));
    }

    /** @throws io.hostel.api.RefusedException BadArchive where the bytes are not UTF-8 */
    static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw EntryPath.bad(new String(bytes, StandardCharsets.ISO_8859_1), "has a name that is not UTF-8");
        }
    }
}
