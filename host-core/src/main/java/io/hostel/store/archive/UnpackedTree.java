package io.hostel.store.archive;

import static io.hostel.store.archive.EntryPath.bad;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A directory into which entries are put, and nobody else writes. Every component of a path is looked at without following links,
 * files are created exclusively, and a directory once made is never replaced: so nothing is ever written through a link, and
 * what has been seen to be a directory stays one.
 *
 * <p>All belongs to the host's root, which the sandbox's view maps to its own root.
 */
final class UnpackedTree {
    static final int MOST_ENTRIES = 200_000;

    /** What an entry is charged at least: an inode and its name take room even when they hold nothing. */
    static final long LEAST_BYTES_PER_ENTRY = 1_024;

    private static final Set<PosixFilePermission> NEW_DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final int BUFFER = 131_072;

    /** So much is unpacked before it is asked again whether there is room. */
    private static final long BETWEEN_LOOKS = 1L << 20;

    /** @param mode permission bits; higher ones are not looked at */
    record Attributes(int mode, FileTime modified) {}

    private final Path root;
    private final Unpacker.Bounds bounds;
    private final byte[] buffer = new byte[BUFFER];
    private final Map<Path, Attributes> directories = new LinkedHashMap<>();
    private Path lastParent;
    private int entries = 1;
    private long bytes;
    private long sizeWithRoom;

    /** @param root an empty directory */
    UnpackedTree(Path root, Unpacker.Bounds bounds) {
        this.root = root;
        this.bounds = bounds;
        this.lastParent = root;
    }

    /** Bytes of all files, and at least a little for each entry. */
    long size() {
        return Math.max(bytes, entries * LEAST_BYTES_PER_ENTRY);
    }

    /** With the root. */
    long entries() {
        return entries;
    }

    /** A directory that is there already takes the new attributes; the root keeps its own. */
    void directory(EntryPath entry, Attributes attributes) throws IOException {
        if (!entry.isRoot()) {
            Path path = parents(entry, entry.components().size());
            directories.put(path, attributes);
        }
    }

    void file(EntryPath entry, Attributes attributes, InputStream content) throws IOException {
        Path path = place(entry);
        try (FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                charge(entry, count);
                ByteBuffer rest = ByteBuffer.wrap(buffer, 0, count);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
            }
        }
        Files.setLastModifiedTime(path, attributes.modified());
        Files.setPosixFilePermissions(path, permissions(attributes.mode()));
    }

    /** The link is kept as it is, wherever it points. */
    void symbolicLink(EntryPath entry, Path target, FileTime modified) throws IOException {
        Path path = place(entry);
        Files.createSymbolicLink(path, target);
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified, null, null);
    }

    /** Another name of a regular file that was unpacked before. */
    void hardLink(EntryPath entry, EntryPath target) throws IOException {
        Path existing = target.below(root);
        for (int depth = 1; depth < target.components().size(); depth++) {
            if (!attributes(target.below(root, depth))
                    .map(BasicFileAttributes::isDirectory)
                    .orElse(false)) {
                throw bad(
                        entry.toString(),
                        "is a hard link to \"" + target + "\", which is not in the archive before it");
            }
        }
        Optional<BasicFileAttributes> found = attributes(existing);
        if (found.isEmpty() || !found.get().isRegularFile()) {
            throw bad(
                    entry.toString(),
                    "is a hard link to \"" + EntryPath.printable(target.toString())
                            + "\", which is no regular file that comes before it");
        }
        if (entry.equals(target)) {
            throw bad(entry.toString(), "is a hard link to itself");
        }
        Files.createLink(place(entry), existing);
    }

    /** Directories take their attributes last: writing into them changes their times, and may be forbidden by their modes. */
    void finish() throws IOException {
        List<Map.Entry<Path, Attributes>> deepestFirst = new ArrayList<>(directories.entrySet());
        deepestFirst.sort((a, b) -> b.getKey().getNameCount() - a.getKey().getNameCount());
        for (Map.Entry<Path, Attributes> directory : deepestFirst) {
            Files.setLastModifiedTime(directory.getKey(), directory.getValue().modified());
            Files.setPosixFilePermissions(
                    directory.getKey(), permissions(directory.getValue().mode()));
        }
    }

    /** Makes room for something that is no directory: what lies there goes, unless it is one. */
    private Path place(EntryPath entry) throws IOException {
        if (entry.isRoot()) {
            throw bad(".", "would replace the root itself");
        }
        int depth = entry.components().size();
        Path path = parents(entry, depth - 1).resolve(entry.components().get(depth - 1));
        Optional<BasicFileAttributes> there = attributes(path);
        if (there.map(BasicFileAttributes::isDirectory).orElse(false)) {
            throw bad(entry.toString(), "would replace a directory");
        }
        if (there.isPresent()) {
            Files.delete(path);
        }
        count(entry);
        return path;
    }

    /** The directory that the first {@code depth} components name; absent ones are made. */
    private Path parents(EntryPath entry, int depth) throws IOException {
        Path wanted = entry.below(root, depth);
        if (wanted.equals(lastParent)) {
            return wanted;
        }
        for (int i = 1; i <= depth; i++) {
            Path path = entry.below(root, i);
            Optional<BasicFileAttributes> there = attributes(path);
            if (there.isEmpty()) {
                count(entry);
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(NEW_DIRECTORY));
                Files.setPosixFilePermissions(path, NEW_DIRECTORY);
            } else if (there.get().isSymbolicLink()) {
                throw bad(entry.toString(), "is written through the link \"" + root.relativize(path) + "\"");
            } else if (!there.get().isDirectory()) {
                throw bad(entry.toString(), "lies below \"" + root.relativize(path) + "\", which is no directory");
            }
        }
        lastParent = wanted;
        return wanted;
    }

    private static Optional<BasicFileAttributes> attributes(Path path) throws IOException {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    private void count(EntryPath entry) throws IOException {
        entries++;
        if (entries > MOST_ENTRIES) {
            throw EntryPath.tooLarge(entry.toString(), "is one too many: at most " + MOST_ENTRIES + " are allowed");
        }
        if (entries > bounds.entries()) {
            throw new RefusedException(new Refusal.TooLarge("the archive has more than the " + bounds.entries()
                    + " files and directories that are left of the quota (at entry \""
                    + EntryPath.printable(entry.toString()) + "\")"));
        }
        charge(entry, 0);
    }

    private void charge(EntryPath entry, int count) throws IOException {
        bytes += count;
        if (size() >= sizeWithRoom) {
            bounds.reserve().require(BETWEEN_LOOKS, "the archive");
            sizeWithRoom = size() + BETWEEN_LOOKS;
        }
        if (size() > bounds.bytes()) {
            throw new RefusedException(new Refusal.TooLarge("unpacked, the archive takes more than the " + bounds.bytes()
                    + " bytes that are left of the quota (at entry \"" + EntryPath.printable(entry.toString())
                    + "\")"));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromHighest = PosixFilePermission.values();
        for (int i = 0; i < fromHighest.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                permissions.add(fromHighest[i]);
            }
        }
        return permissions;
    }
}
