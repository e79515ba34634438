package io.hostel.store.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a tar archive entry by entry: POSIX ustar, with pax headers for what does not fit into it. All belongs to root; times
 * are in whole seconds.
 */
public final class TarWriter {
    private static final int BLOCK = TarHeader.SIZE;
    private static final int LONGEST_NAME = 100;
    private static final long LARGEST_IN_OCTAL = 0777_7777_7777L;

    private final OutputStream out;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Begins an entry; exactly its {@code size} bytes have to follow by {@link #content}, and then {@link #endOfContent}.
     *
     * @param type as in the header: '0' a file, '1' a hard link, '2' a symbolic link, '5' a directory
     * @param mode permission bits
     * @param modified seconds since 1970; at least 0
     */
    public void entry(String name, char type, int mode, long modified, String link, long size) throws IOException {
        byte[] pax = concat(
                name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME ? record("path", name) : new byte[0],
                link.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME ? record("linkpath", link) : new byte[0],
                size > LARGEST_IN_OCTAL ? record("size", Long.toString(size)) : new byte[0]);
        if (pax.length > 0) {
            header("pax", 'x', 0644, modified, "", pax.length);
            out.write(pax);
            endOfContent(pax.length);
        }
        header(name, type, mode, modified, link, Math.min(size, LARGEST_IN_OCTAL));
    }

    public OutputStream content() {
        return out;
    }

    /** @param size of the content that has been written */
    public void endOfContent(long size) throws IOException {
        out.write(new byte[(int) (-size & BLOCK - 1)]);
    }

    /** Ends the archive; the stream stays open. */
    public void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
    }

    private void header(String name, char type, int mode, long modified, String link, long size) throws IOException {
        byte[] header = new byte[BLOCK];
        text(header, 0, name);
        octal(header, 100, 8, mode & 07777);
        octal(header, 108, 8, 0);
        octal(header, 116, 8, 0);
        octal(header, 124, 12, size);
        octal(header, 136, 12, Math.max(0, Math.min(modified, LARGEST_IN_OCTAL)));
        Arrays.fill(header, 148, 156, (byte) ' ');
        header[156] = (byte) type;
        text(header, 157, link);
        System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, header, 257, 8);
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        octal(header, 148, 7, sum);
        out.write(header);
    }

    /** Cut to what fits: then a pax header holds it whole. */
    private static void text(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, at, Math.min(bytes.length, LONGEST_NAME));
    }

    private static void octal(byte[] header, int at, int width, long value) {
        String digits = Long.toOctalString(value);
        Arrays.fill(header, at, at + width - 1, (byte) '0');
        byte[] bytes = digits.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at + width - 1 - bytes.length, bytes.length);
        header[at + width - 1] = 0;
    }

    /** {@code LENGTH KEY=VALUE\n}, its own length included. */
    private static byte[] record(String key, String value) {
        byte[] rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
        int length = rest.length + 1;
        while (Integer.toString(length).length() + rest.length != length) {
            length = Integer.toString(length).length() + rest.length;
        }
        return concat(Integer.toString(length).getBytes(StandardCharsets.US_ASCII), rest);
    }

    private static byte[] concat(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
