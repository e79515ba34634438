package io.hostel.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One daemon per run directory: a lock on RUN-DIR/hostd.lock, which the kernel gives back however the daemon ends (fcntl(2)).
 */
final class HostLock implements AutoCloseable {
    private final FileChannel channel;

    private HostLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Empty where another daemon holds it. */
    static Optional<HostLock> take(Path runDir) throws IOException {
        Files.createDirectories(runDir);
        FileChannel channel =
                FileChannel.open(runDir.resolve("hostd.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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
        return Optional.of(new HostLock(channel));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
