package io.hostel.store.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A small tree in memory, by relative path: planned whole before any of it is written. */
final class Skeleton {
    sealed interface Node {}

    /** @param mode nine letters, as ls(1) has them */
    record Directory(String mode, boolean sticky) implements Node {}

    record File(byte[] content, boolean executable) implements Node {
        String mode() {
            return executable ? "rwxr-xr-x" : "rw-r--r--";
        }
    }

    record Link(String target) implements Node {}

    private final Map<String, Node> nodes = new TreeMap<>();

    void directory(String path) {
        put(path, new Directory("rwxr-xr-x", false));
    }

    void directory(String path, String mode, boolean sticky) {
        put(path, new Directory(mode, sticky));
    }

    void file(String path, String content) {
        file(path, content.getBytes(StandardCharsets.UTF_8), false);
    }

    void file(String path, byte[] content, boolean executable) {
        put(path, new File(content, executable));
    }

    void link(String path, String target) {
        put(path, new Link(target));
    }

    private void put(String path, Node node) {
        int slash = path.lastIndexOf('/');
        if (slash > 0 && !nodes.containsKey(path.substring(0, slash))) {
            directory(path.substring(0, slash));
        }
        nodes.put(path, node);
    }

    Map<String, Node> nodes() {
        return nodes;
    }

    /** Sixteen hex digits that stand for all of the content. */
    String fingerprint() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        nodes.forEach((path, node) -> {
            String what = node instanceof File file
                    ? "file " + file.executable() + " " + HexFormat.of().formatHex(file.content())
                    : node.toString();
            digest.update((path + "\0" + what + "\0").getBytes(StandardCharsets.UTF_8));
        });
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    /** Parents sort before their children, so one pass does. */
    void writeTo(Path root) throws IOException {
        List<Path> sticky = new ArrayList<>();
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            Path path = root.resolve(entry.getKey());
            Node node = entry.getValue();
            if (node instanceof Directory directory) {
                Files.createDirectory(path);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(directory.mode()));
                if (directory.sticky()) {
                    sticky.add(path);
                }
            } else if (node instanceof File file) {
                Files.write(path, file.content());
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(file.mode()));
            } else if (node instanceof Link link) {
                Files.createSymbolicLink(path, Path.of(link.target()));
            }
        }
        for (Path directory : sticky) {
            Files.setAttribute(directory, "unix:mode", 01777);
        }
    }

    /** Whether a tree still holds exactly this: after the loss of power, or restored from a partial backup, it may not. */
    boolean isAt(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return false;
        }
        List<String> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                String path = root.relativize(directory).toString();
                if (path.isEmpty()) {
                    return FileVisitResult.CONTINUE;
                }
                boolean same = nodes.get(path) instanceof Directory planned
                        && hasMode(directory, planned.mode())
                        && (!planned.sticky() || ((int) Files.getAttribute(directory, "unix:mode") & 01000) != 0);
                if (same) {
                    found.add(path);
                }
                return same ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String path = root.relativize(file).toString();
                Node expected = nodes.get(path);
                boolean same = expected instanceof File planned
                        ? attributes.isRegularFile()
                                && hasMode(file, planned.mode())
                                && Arrays.equals(planned.content(), Files.readAllBytes(file))
                        : expected instanceof Link link
                                && attributes.isSymbolicLink()
                                && Files.readSymbolicLink(file).toString().equals(link.target());
                if (same) {
                    found.add(path);
                }
                return same ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }
        });
        return found.size() == nodes.size() && nodes.keySet().containsAll(found);
    }

    private static boolean hasMode(Path path, String mode) throws IOException {
        return Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)
                .equals(PosixFilePermissions.fromString(mode));
    }
}
