package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.sys.Stat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As root, with locks of other processes of this machine. */
class HostLockTest {
    private static final String HOLD = "import fcntl, os, sys, time\nos.setuid(int(sys.argv[2]))\n"
            + "f = open(sys.argv[1], 'r+' if sys.argv[2] == '0' else 'r')\n"
            + "fcntl.lockf(f, fcntl.LOCK_EX if sys.argv[2] == '0' else fcntl.LOCK_SH)\n"
            + "print('held', flush=True)\ntime.sleep(600)\n";

    @TempDir
    private Path directory;

    private Path runDir;

    @BeforeEach
    void passable() throws Exception {
        FileAccess.set(directory, 0755);
        runDir = Files.createDirectory(directory.resolve("run"));
        FileAccess.set(runDir, 0755);
    }

    @Test
    void isForRootAlone() throws Exception {
        try (HostLock lock = HostLock.take(runDir).orElseThrow()) {
            assertThat(FileAccess.of(runDir.resolve("hostd.lock")).orElseThrow().permissions())
                    .isEqualTo(0600);
            assertThat(HostLock.take(runDir)).isEmpty();
            Process nobody = holder(65_534);
            assertThat(nobody.waitFor()).isNotZero(); // it cannot open the file
        }
    }

    @Test
    void anotherUsersLockOnAnOldFileKeepsNobodyOut() throws Exception {
        Path file = Files.createFile(runDir.resolve("hostd.lock"));
        FileAccess.set(file, 0644);
        Process nobody = holder(65_534);
        try {
            assertThat(nobody.inputReader().readLine()).isEqualTo("held");

            Optional<HostLock> lock = HostLock.take(runDir);

            assertThat(lock).isPresent();
            assertThat(HostLock.take(runDir)).isEmpty();
            lock.get().close();
        } finally {
            nobody.destroyForcibly();
        }
    }

    @Test
    void rootsLockIsAnotherHosts() throws Exception {
        Files.createFile(runDir.resolve("hostd.lock"));
        Process root = holder(0);
        try {
            assertThat(root.inputReader().readLine()).isEqualTo("held");
            assertThat(HostLock.take(runDir)).isEmpty();
        } finally {
            root.destroyForcibly();
        }
    }

    @Test
    void noOtherProcessHasItTooWhateverThisOneOpensAndCloses() throws Exception {
        Files.writeString(runDir.resolve("hostd.lock"), "1234567890\n");
        try (HostLock lock = HostLock.take(runDir).orElseThrow()) {
            assertThat(runDir.resolve("hostd.lock"))
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
            assertThat(HostLock.take(runDir)).isEmpty();
            Process second = new ProcessBuilder(
                            "/usr/bin/python3",
                            "-c",
                            "import fcntl, sys\nfcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)",
                            runDir.resolve("hostd.lock").toString())
                    .start();
            assertThat(new String(second.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("BlockingIOError");
            lock.remove();
        }
        assertThat(runDir).doesNotExist();
    }

    /** All but the first would otherwise replace what one before has made. */
    @Test
    void ofManyThatReplaceAnotherUsersFileAtOnceOneHasTheLock() throws Exception {
        for (int round = 0; round < 4; round++) {
            Path file = Files.createFile(runDir.resolve("hostd.lock"));
            FileAccess.set(file, 0644);
            Process nobody = holder(65_534);
            ExecutorService starters = Executors.newFixedThreadPool(8);
            try {
                assertThat(nobody.inputReader().readLine()).isEqualTo("held");
                List<HostLock> locks = new ArrayList<>();
                Callable<Optional<HostLock>> take = () -> HostLock.take(runDir);
                for (Future<Optional<HostLock>> each : starters.invokeAll(Collections.nCopies(8, take))) {
                    each.get().ifPresent(locks::add);
                }
                assertThat(locks).hasSize(1);
                assertThat(runDir).isDirectoryNotContaining(path -> path.endsWith(HostLock.TURN));
                locks.get(0).close();
            } finally {
                starters.shutdownNow();
                nobody.destroyForcibly();
            }
            Files.delete(file);
        }
    }

    @Test
    void aLockIsOfAFileOfThatDeviceAndNumber() {
        Stat file = new Stat(1L << 32 | 0x1c, 815, 0100600, 0, 0, 0, 0);
        List<String> locks = List.of(
                "1: POSIX  ADVISORY  WRITE 1 00:1c:815 0 EOF",
                "2: FLOCK  ADVISORY  WRITE 1 01:1c:815 0 EOF",
                "3: POSIX  ADVISORY  READ 71 01:1c:815 0 EOF",
                "3: -> POSIX  ADVISORY  WRITE 72 01:1c:815 0 EOF",
                "4: OFDLCK ADVISORY  READ -1 01:1c:815 0 EOF",
                "5: POSIX  ADVISORY  READ 73 01:1c:4815 0 EOF");

        assertThat(LockHolder.of(file, locks).stream().map(LockHolder::pid)).containsExactly(71, -1);
    }

    private Process holder(int uid) throws Exception {
        return new ProcessBuilder(
                        "/usr/bin/python3", "-c", HOLD, runDir.resolve("hostd.lock").toString(), Integer.toString(uid))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
