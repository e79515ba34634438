package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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

    private Process holder(int uid) throws Exception {
        return new ProcessBuilder(
                        "/usr/bin/python3", "-c", HOLD, runDir.resolve("hostd.lock").toString(), Integer.toString(uid))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
