package io.hostel.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes a directory as a tar archive (POSIX.1-2001 {@code ustar} with {@code pax} headers), the same bytes for the same tree:
 * entries sorted, owners 0, times 0. Links are kept as links; {@code .git} is left out.
 */
final class TarFile {
    private static final int BLOCK = 512;
    private static final int LONGEST_NAME = 100;
    private static final long LARGEST_IN_OCTAL = 077777777777L;

    private final OutputStream out;

    private TarFile(OutputStream out) {
        this.out = out;
    }

    static void write(Path directory, Path archive) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive))) {
            TarFile tar = new TarFile(out);
            tar.children(directory, "");
            out.write(new byte[2 * BLOCK]);
        }
    }

    private void children(Path directory, String prefix) throws IOException {
        List<Path> children;
        try (Stream<Path> all = Files.list(directory)) {
            children = all.sorted(
                            Comparator.comparing(path -> path.getFileName().toString()))
                    .toList();
        }
        for (Path child : children) {
            String name = prefix + child.getFileName();
            if (name.equals(".git")) {
                continue;
            }
            if (Files.isSymbolicLink(child)) {
                entry(name, '2', 0777, 0, Files.readSymbolicLink(child).toString());
            } else if (Files.isDirectory(child)) {
                entry(name + "/", '5', mode(child), 0, "");
                children(child, name + "/");
            } else if (Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
                file(child, name);
            } else {
                throw new Trouble(Hostel.FAILED, child + " is neither file, directory nor link; take it out");
            }
        }
    }

    private void file(Path file, String name) throws IOException {
        long size = Files.size(file);
        entry(name, '0', mode(file), size, "");
        long copied = Files.copy(file, out);
        if (copied != size) {
            throw new Trouble(Hostel.FAILED, file + " changed while it was read; try again");
        }
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    private void entry(String name, char type, int mode, long size, String link) throws IOException {
        StringBuilder pax = new StringBuilder();
        if (needsPax(name)) {
            pax.append(paxRecord("path", name));
        }
        if (needsPax(link)) {
            pax.append(paxRecord("linkpath", link));
        }
        if (size > LARGEST_IN_OCTAL) {
            pax.append(paxRecord("size", Long.toString(size)));
        }
        if (pax.length() > 0) {
            byte[] records = pax.toString().getBytes(StandardCharsets.UTF_8);
            header("pax", 'x', 0644, records.length, "");
            out.write(records);
            out.write(new byte[(BLOCK - records.length % BLOCK) % BLOCK]);
        }
        header(name, type, mode, Math.min(size, LARGEST_IN_OCTAL), link);
    }

    private void header(String name, char type, int mode, long size, String link) throws IOException {
        byte[] block = new byte[BLOCK];
        text(block, 0, 100, name);
        octal(block, 100, 8, mode);
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, 124, 12, size);
        octal(block, 136, 12, 0);
        block[156] = (byte) type;
        text(block, 157, 100, link);
        text(block, 257, 8, "ustar\00000");
        // The checksum counts its own field as spaces.
        text(block, 148, 8, "        ");
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        octal(block, 148, 7, sum);
        out.write(block);
    }

    private static boolean needsPax(String text) {
        return text.length() > LONGEST_NAME
                || !StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    }

    /** {@code LENGTH key=value\n}, where LENGTH counts its own digits too. */
    private static String paxRecord(String key, String value) {
        int rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        return length + " " + key + "=" + value + "\n";
    }

    private static void text(byte[] block, int at, int room, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, room));
    }

    private static void octal(byte[] block, int at, int room, long value) {
        String digits = Long.toOctalString(value);
        text(block, at, room, "0".repeat(room - 1 - digits.length()) + digits + "\0");
    }

    private static int mode(Path file) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        boolean executable = permissions.contains(PosixFilePermission.OWNER_EXECUTE);
        return executable ? 0755 : 0644;
    }
}
