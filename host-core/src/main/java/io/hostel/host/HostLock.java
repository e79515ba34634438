package io.hostel.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon per run directory: a lock on RUN-DIR/hostd.lock, which the kernel gives back however the daemon ends (fcntl(2)).
 *
 * <p>Whoever can open the file can keep the host from starting, so it is root's alone. Where another user holds it, who opened it while
 * an earlier daemon had made it for all to read, it is replaced by a new one.
 */
final class HostLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostLock.class);

    private static final Set<OpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final FileAttribute<?> FOR_ROOT =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

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
            FileChannel channel = FileChannel.open(file(runDir), OPTIONS, FOR_ROOT);
            @Nullable FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                lock = null;
            }
            if (lock == null) {
                channel.close();
                if (!heldByAnotherUser(runDir)) {
                    return Optional.empty();
                }
                Files.deleteIfExists(file(runDir));
                continue;
            }
            if (isThere(runDir, channel)) {
                return Optional.of(new HostLock(runDir, channel));
            }
            channel.close(); // of a file that another has removed in between: it would keep nobody out
        }
    }

    private static boolean heldByAnotherUser(Path runDir) throws IOException {
        Optional<LockHolder> holder = LockHolder.of(file(runDir)).filter(it -> !it.root());
        holder.ifPresent(it -> LOG.warn("Process {} of another user holds {}: it is replaced", it.pid(), file(runDir)));
        return holder.isPresent();
    }

    /** Whether what is locked is the file that others find there, by what is written into the one and read from the other. */
    private static boolean isThere(Path runDir, FileChannel locked) throws IOException {
        String pid = ProcessHandle.current().pid() + "\n";
        locked.truncate(0).write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
        return Files.exists(file(runDir)) && Files.readString(file(runDir)).equals(pid);
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
