package io.hostel.store.archive;

import io.hostel.api.ArtifactFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** Writes tar archives by hand, so that they can be wrong in every field. */
public final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public Tar file(String name, String content) {
        return file(name, 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    public Tar file(String name, int mode, byte[] content) {
        return header(name.getBytes(StandardCharsets.UTF_8), mode, '0', "", content.length, content);
    }

    public Tar directory(String name, int mode) {
        return header(name.getBytes(StandardCharsets.UTF_8), mode, '5', "", 0, new byte[0]);
    }

    public Tar link(String name, String target) {
        return typed('2', name, target);
    }

    public Tar hardLink(String name, String target) {
        return typed('1', name, target);
    }

    public Tar typed(char type, String name, String target) {
        return header(name.getBytes(StandardCharsets.UTF_8), 0777, type, target, 0, new byte[0]);
    }

    /** Records of a PAX extended header (POSIX.1-2001) for the next entry. */
    public Tar pax(Map<String, String> records) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(records).forEach((key, value) -> {
            String rest = " " + key + "=" + value + "\n";
            int length = rest.getBytes(StandardCharsets.UTF_8).length;
            int digits =
                    String.valueOf(length + String.valueOf(length).length()).length();
            text.append(length + digits).append(rest);
        });
        byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
        return header(bytes("././@PaxHeader"), 0644, 'x', "", content.length, content);
    }

    /** @param size as the header has it, which need not be true */
    public Tar header(byte[] name, int mode, char type, String link, long size, byte[] content) {
        byte[] header = new byte[512];
        System.arraycopy(name, 0, header, 0, Math.min(name.length, 100));
        put(header, 100, String.format("%07o", mode));
        put(header, 108, "0001750");
        put(header, 116, "0001750");
        put(header, 124, String.format("%011o", size));
        put(header, 136, "14000000000");
        put(header, 148, "        ");
        header[156] = (byte) type;
        System.arraycopy(bytes(link), 0, header, 157, Math.min(bytes(link).length, 100));
        put(header, 257, "ustar");
        put(header, 263, "00");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o", sum));
        header[154] = 0;
        bytes.writeBytes(header);
        bytes.writeBytes(content);
        return zeros((512 - content.length % 512) % 512);
    }

    public Tar raw(byte[] block) {
        bytes.writeBytes(block);
        return this;
    }

    public Tar zeros(int count) {
        bytes.writeBytes(new byte[count]);
        return this;
    }

    /** Without the end mark. */
    public byte[] open() {
        return bytes.toByteArray();
    }

    /** With the end mark, and filled up to a whole block as tar(1) does. */
    public byte[] bytes() {
        zeros(1_024);
        return zeros((10_240 - bytes.size() % 10_240) % 10_240).open();
    }

    public byte[] bytes(ArtifactFormat format) {
        return switch (format) {
            case TAR -> bytes();
            case GZIP -> gzip(bytes());
            case ZSTD -> com.github.luben.zstd.Zstd.compress(bytes());
        };
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(compressed)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    private static void put(byte[] header, int offset, String text) {
        System.arraycopy(bytes(text), 0, header, offset, text.length());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
