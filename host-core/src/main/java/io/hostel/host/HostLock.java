package io.hostel.host;

import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon per run directory: a lock on RUN-DIR/hostd.lock, which the kernel gives back however the daemon ends
 * (fcntl(2)). It is the open file's and not the process's, which would lose it as soon as anything in it closed that
 * file.
 *
 * <p>Whoever can open the file can keep the host from starting, so it is root's alone. Where another user holds it, who
 * opened it while an earlier daemon had made it for all to read, it is replaced by a new one. Of several who begin at
 * once one does so after the other, or the second would replace what the first has just locked: RUN-DIR/{@value #TURN}
 * is locked meanwhile.
 */
final class HostLock implements AutoCloseable {
    /** There while somebody takes the lock. */
    static final String TURN = "hostd.lock.turn";

    private static final Logger LOG = LoggerFactory.getLogger(HostLock.class);

    /**
     * The files of a process are closed when the last of its threads has ended, some time after it has vanished from {@code ps}:
     * one that was told to end may hold the lock for a moment.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration BETWEEN = Duration.ofMillis(50);

    private static final int OPTIONS = OpenFile.WRITE | OpenFile.CREATE | OpenFile.NOFOLLOW;
    private static final int FOR_ROOT = 0600;

    private final Path runDir;
    private final Fd locked;

    private HostLock(Path runDir, Fd locked) {
        this.runDir = runDir;
        this.locked = locked;
    }

    /** Empty where another daemon holds it and goes on doing so for {@link #PATIENCE}. Waits for those that are taking it. */
    static Optional<HostLock> take(Path runDir) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<HostLock> taken = takeNow(runDir);
            if (taken.isPresent() || System.nanoTime() >= end) {
                return taken;
            }
            LockSupport.parkNanos(BETWEEN.toNanos());
        }
    }

    private static Optional<HostLock> takeNow(Path runDir) throws IOException {
        Files.createDirectories(runDir);
        try (Fd turn = turn(runDir)) {
            try {
                return takeInTurn(runDir);
            } finally {
                Files.deleteIfExists(runDir.resolve(TURN));
            }
        } catch (SysException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Fd turn(Path runDir) throws SysException {
        Path file = runDir.resolve(TURN);
        while (true) {
            Fd opened = OpenFile.open(file.toString(), OPTIONS, FOR_ROOT);
            try {
                Descriptors.awaitLock(opened);
                if (isThere(file, Stat.of(opened))) {
                    return opened;
                }
            } catch (SysException | RuntimeException e) {
                opened.close();
                throw e;
            }
            opened.close(); // of a file that its holder has removed in between: it would keep nobody waiting
        }
    }

    private static Optional<HostLock> takeInTurn(Path runDir) throws IOException, SysException {
        Path file = file(runDir);
        while (true) {
            Fd opened = OpenFile.open(file.toString(), OPTIONS, FOR_ROOT);
            boolean kept = false;
            try {
                Stat tried = Stat.of(opened);
                if (Descriptors.lock(opened)) {
                    if (isThere(file, tried)) { // whoever removes it has its lock, and waits for no turn
                        writePid(opened);
                        kept = true;
                        return Optional.of(new HostLock(runDir, opened));
                    }
                } else if (!heldByAnotherUser(file, tried)) {
                    return Optional.empty();
                } else if (isThere(file, tried)) {
                    Files.deleteIfExists(file);
                }
            } finally {
                if (!kept) {
                    opened.close();
                }
            }
        }
    }

    private static boolean heldByAnotherUser(Path file, Stat tried) throws IOException {
        List<LockHolder> holders = LockHolder.of(tried);
        if (holders.isEmpty() || holders.stream().anyMatch(LockHolder::root)) {
            return false;
        }
        holders.forEach(it -> LOG.warn("Process {} of another user holds {}: it is replaced", it.pid(), file));
        return true;
    }

    /** Whether it is what others find there. */
    private static boolean isThere(Path file, Stat opened) throws SysException {
        try {
            return Stat.ofLink(file.toString()).sameFile(opened);
        } catch (SysException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** For people. */
    private static void writePid(Fd locked) throws SysException {
        OpenFile.open(locked.path(), OpenFile.WRITE | OpenFile.TRUNCATE).close();
        String pid = ProcessHandle.current().pid() + "\n";
        Descriptors.writeAll(locked, pid.getBytes(StandardCharsets.US_ASCII));
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
    public void close() {
        locked.close();
    }
}
