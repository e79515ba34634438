package io.hostel.store.archive;

import static io.hostel.store.archive.EntryPath.bad;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.RefusedException;
import io.hostel.store.DiskReserve;
import io.hostel.store.archive.TarReader.Entry;
import io.hostel.store.archive.UnpackedTree.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Unpacks one archive into an empty directory. */
public final class Unpacker {
    private static final int SET_ID = 06000;
    private static final int LONGEST_TARGET = 4_095;

    /** The last time that every file system can hold: in 2106. */
    private static final Instant LAST_TIME = Instant.ofEpochSecond(0xffff_ffffL);

    /** What is allowed, packed and with its headers, is not larger than this much over the quota. */
    private static final long BODY_OVER_QUOTA = 2 * TarReader.METADATA_IN_ALL;

    /**
     * @param digest of the bytes sent, {@code sha256:} and hex
     * @param size bytes unpacked, and at least a kilobyte for each entry
     * @param entries files, directories and links, the root among them
     */
    public record Unpacked(String digest, long size, long entries) {}

    /**
     * How far a tree may grow.
     *
     * @param bytes the most that it may take unpacked
     * @param entries how many it may have
     * @param reserve asked now and then whether the disk has room
     */
    public record Bounds(long bytes, long entries, DiskReserve reserve) {
        /** As many entries as any tree may have, on a disk that is the caller's business. */
        public static Bounds of(long bytes) {
            return new Bounds(bytes, UnpackedTree.MOST_ENTRIES, DiskReserve.NONE);
        }
    }

    private final ArtifactFormat format;
    private final ArchiveBody body;
    private final UnpackedTree tree;

    private Unpacker(ArtifactFormat format, ArchiveBody body, UnpackedTree tree) {
        this.format = format;
        this.body = body;
        this.tree = tree;
    }

    /**
     * Leaves the tree as far as it got when it fails.
     *
     * @param root an empty directory that nobody else can write to
     * @throws RefusedException BadArchive naming the entry, TooLarge, or DiskFull
     * @throws BodyBrokenException where the body breaks off
     * @throws IOException where the tree can't be written
     */
    public static Unpacked unpack(ArtifactFormat format, InputStream body, Path root, Bounds bounds)
            throws IOException {
        long most = bounds.bytes() > Long.MAX_VALUE - BODY_OVER_QUOTA
                ? Long.MAX_VALUE
                : bounds.bytes() + BODY_OVER_QUOTA;
        ArchiveBody metered = new ArchiveBody(body, most);
        Unpacker unpacker = new Unpacker(format, metered, new UnpackedTree(root, bounds));
        unpacker.unpack();
        return new Unpacked(metered.digest(), unpacker.tree.size(), unpacker.tree.entries());
    }

    private void unpack() throws IOException {
        try (OpenArchive archive = OpenArchive.of(format, body)) {
            TarReader tar = new TarReader(archive);
            for (@Nullable Entry entry = tar.next(); entry != null; entry = tar.next()) {
                put(entry, tar.content());
            }
            tree.finish();
            archive.drain();
        }
    }

    private void put(Entry entry, InputStream content) throws IOException {
        String name = entry.name();
        EntryPath path = EntryPath.of(name);
        FileTime modified = time(entry);
        Attributes attributes = new Attributes(entry.mode(), modified);
        switch (entry.type()) {
            case '0', '\0', '7' -> {
                if (name.endsWith("/")) {
                    refuseContent(entry);
                    tree.directory(path, attributes);
                } else {
                    refuseSetId(entry);
                    putFile(entry, path, attributes, content);
                }
            }
            case '1' -> {
                refuseContent(entry);
                refuseSetId(entry);
                tree.hardLink(path, EntryPath.of(entry.link()));
            }
            case '2' -> {
                refuseContent(entry);
                tree.symbolicLink(path, target(entry), modified);
            }
            case '3' -> throw bad(name, "is a character device");
            case '4' -> throw bad(name, "is a block device");
            case '5' -> {
                refuseContent(entry);
                tree.directory(path, attributes);
            }
            case '6' -> throw bad(name, "is a fifo");
            case 'S' -> throw bad(name, "is a sparse file in GNU's old form; pack it with --format=posix");
            default -> throw bad(name, "is of the unknown type '" + entry.type() + "'");
        }
    }

    private void putFile(Entry entry, EntryPath path, Attributes attributes, InputStream content) throws IOException {
        PaxRecords pax = entry.pax();
        if (pax.has("GNU.sparse.major") || pax.has("GNU.sparse.realsize")) {
            if (!pax.text("GNU.sparse.major").equals(Optional.of("1")) || !pax.has("GNU.sparse.name")) {
                throw bad(entry.name(), "is a sparse file in a form that is not read; pack it without --sparse");
            }
            EntryPath real = EntryPath.of(pax.text("GNU.sparse.name").orElseThrow());
            long realSize = pax.number("GNU.sparse.realsize").orElse(0);
            tree.file(real, attributes, new SparseContent(content, realSize));
        } else if (pax.has("GNU.sparse.size") || pax.has("GNU.sparse.map")) {
            throw bad(entry.name(), "is a sparse file in a form that is not read; pack it without --sparse");
        } else {
            tree.file(path, attributes, content);
        }
    }

    private static void refuseContent(Entry entry) {
        if (entry.size() != 0) {
            throw bad(entry.name(), "has content, which its type cannot have");
        }
    }

    private static void refuseSetId(Entry entry) {
        if ((entry.mode() & SET_ID) != 0) {
            throw bad(entry.name(), "is a set-user-id or set-group-id file");
        }
    }

    private static Path target(Entry entry) {
        String target = entry.link();
        if (target.isEmpty() || EntryPath.bytes(target) > LONGEST_TARGET) {
            throw bad(entry.name(), "is a link whose target is empty or longer than " + LONGEST_TARGET + " bytes");
        }
        try {
            return Path.of(target);
        } catch (InvalidPathException e) {
            throw bad(entry.name(), "is a link to what is no path: " + e.getReason());
        }
    }

    private static FileTime time(Entry entry) {
        Instant modified = entry.modified();
        return FileTime.from(modified.isAfter(LAST_TIME) ? LAST_TIME : modified);
    }
}
