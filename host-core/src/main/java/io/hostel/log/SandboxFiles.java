package io.hostel.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of one sandbox in its app's log directory. For one thread. */
final class SandboxFiles {
    /** A file counts with at least so many bytes: it takes an inode and a block though it is empty. */
    static final long LEAST_PER_FILE = 16 << 10;

    private final Path log;
    private final List<Path> files = new ArrayList<>();
    private long bytes;
    private long olderBytes;
    private long newest;

    /** @param log the monitor's, whether it is there or not */
    SandboxFiles(Path log) {
        this.log = log;
    }

    void add(Path file, long size, long modified) {
        long counted = Math.max(size, LEAST_PER_FILE);
        files.add(file);
        bytes += counted;
        newest = Math.max(newest, modified);
        if (file.equals(LogTail.older(log))) {
            olderBytes = counted;
        }
    }

    Path log() {
        return log;
    }

    List<Path> files() {
        return files;
    }

    long bytes() {
        return bytes;
    }

    /** When it was last written to, in milliseconds since 1970. */
    long newest() {
        return newest;
    }

    /** What was rotated away has been deleted. @return how many bytes it had */
    long withoutOlder() {
        long gone = olderBytes;
        bytes -= gone;
        olderBytes = 0;
        files.remove(LogTail.older(log));
        return gone;
    }

    /** The id in a log's name. */
    static String sandbox(Path log) {
        String name = log.getFileName().toString();
        return name.substring(0, name.indexOf('.'));
    }
}
