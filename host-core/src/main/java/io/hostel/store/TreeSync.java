package io.hostel.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Brings a whole tree to the disk before its name makes it count. */
@FunctionalInterface
public interface TreeSync {

    /** Returns when every file and directory below {@code root}, and the root itself, would survive the loss of power. */
    void sync(Path root) throws IOException;

    /** File by file, by fsync(2). */
    static TreeSync eachFile() {
        return root -> Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    force(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                force(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Makes what was created, renamed or removed in a directory last. */
    static void directory(Path directory) throws IOException {
        force(directory);
    }

    private static void force(Path path) throws IOException {
        // fsync(2) takes a descriptor opened for reading, of directories too.
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
