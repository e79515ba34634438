package io.hostel.store.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree that does not change, as the tar archive that {@link Unpacker} makes the same tree of. Its size is known before it is
 * written. Files with several names are held once.
 */
public final class PackedTree {
    private final List<Item> items;
    private final long size;

    /** @param target of a link; empty for files and directories */
    private record Item(Path path, String name, char type, int mode, long modified, String target, long size) {
        void begin(TarWriter tar) throws IOException {
            tar.entry(name, type, mode, modified, target, size);
        }
    }

    private PackedTree(List<Item> items) throws IOException {
        this.items = items;
        Counter counter = new Counter();
        TarWriter headers = new TarWriter(counter);
        long content = 0;
        for (Item item : items) {
            item.begin(headers);
            headers.endOfContent(item.size());
            content += item.size();
        }
        headers.end();
        this.size = counter.count + content;
    }

    /** Looks at the tree; its root itself is left out. */
    public static PackedTree of(Path root) throws IOException {
        List<Item> items = new ArrayList<>();
        Map<Object, String> several = new HashMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (!directory.equals(root)) {
                    items.add(item(root, directory, '5', "", 0));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isSymbolicLink()) {
                    items.add(item(root, file, '2', Files.readSymbolicLink(file).toString(), 0));
                    return FileVisitResult.CONTINUE;
                }
                String first = (int) unix(file, "nlink") > 1
                        ? several.putIfAbsent(
                                unix(file, "ino"), root.relativize(file).toString())
                        : null;
                items.add(
                        first == null ? item(root, file, '0', "", attributes.size()) : item(root, file, '1', first, 0));
                return FileVisitResult.CONTINUE;
            }
        });
        return new PackedTree(List.copyOf(items));
    }

    private static Item item(Path root, Path path, char type, String target, long size) throws IOException {
        return new Item(
                path,
                root.relativize(path).toString(),
                type,
                (int) unix(path, "mode") & 07777,
                ((FileTime) unix(path, "lastModifiedTime")).toInstant().getEpochSecond(),
                target,
                size);
    }

    /** Of what lies there itself, be it a link; stat(2). */
    private static Object unix(Path path, String attribute) throws IOException {
        return Files.getAttribute(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
    }

    /** Bytes of the whole archive. */
    public long size() {
        return size;
    }

    /** @throws IOException where the tree has changed meanwhile, too */
    public void writeTo(OutputStream out) throws IOException {
        TarWriter tar = new TarWriter(out);
        byte[] buffer = new byte[131_072];
        for (Item item : items) {
            item.begin(tar);
            if (item.type() == '0') {
                copy(item, out, buffer);
                tar.endOfContent(item.size());
            }
        }
        tar.end();
    }

    private static void copy(Item item, OutputStream out, byte[] buffer) throws IOException {
        try (InputStream in = Files.newInputStream(item.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            for (long left = item.size(); left > 0; ) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new EOFException(item.path() + " has become shorter than " + item.size() + " bytes");
                }
                out.write(buffer, 0, count);
                left -= count;
            }
        }
    }

    private static final class Counter extends OutputStream {
        private long count;

        @Override
        public void write(int one) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }
}
