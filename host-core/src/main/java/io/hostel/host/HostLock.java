package io.hostel.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon per run directory: a lock on RUN-DIR/hostd.lock, which the kernel gives back however the daemon ends (fcntl(2)).
 */
final class HostLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostLock.class);

    private final Path runDir;
    private final FileChannel channel;

    private HostLock(Path runDir, FileChannel channel) {
        this.runDir = runDir;
        this.channel = channel;
    }

    /** Empty where another daemon holds it. */
    static Optional<HostLock> take(Path runDir) throws IOException {
        while (true) {
            Files.createDirectories(runDir);
            FileChannel channel = FileChannel.open(file(runDir), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            @Nullable FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                lock = null;
            }
            if (lock == null) {
                channel.close();
                return Optional.empty();
            }
            if (Files.exists(file(runDir))) {
                return Optional.of(new HostLock(runDir, channel));
            }
            channel.close(); // of a file that another has removed in between: it would keep nobody out
        }
    }

    private static Path file(Path runDir) {
        return runDir.resolve("hostd.lock");
    }

    /** Takes itself away, and the run directory with it, unless that is a mount point or somebody has put something in there. */
    void remove() throws IOException {
        Files.deleteIfExists(file(runDir));
        try {
            Files.deleteIfExists(runDir);
        } catch (FileSystemException e) {
            LOG.debug("{} stays: {}", runDir, e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
