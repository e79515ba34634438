package io.hostel.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpawnTest {
    @Test
    void aChildGetsArgumentsEnvironmentAndDescriptors() throws Exception {
        try (OpenFile.Pipe pipe = OpenFile.pipe()) {
            int pid = new Spawn(
                            "/bin/sh",
                            List.of("sh", "-c", "echo $A $0 $1; ls /proc/self/fd; exit 7", "x", "y"),
                            List.of("A=b"))
                    .descriptor(pipe.writing(), 1)
                    .descriptor(pipe.writing(), 2)
                    .start();
            pipe.writing().close();
            try (Fd pidfd = Pidfd.open(pid)) {
                // ls itself opens 3
                assertThat(all(pipe.reading())).isEqualTo("b x y\n0\n1\n2\n3\n");
                Pidfd.WaitStatus status = Pidfd.await(pidfd);
                assertThat(status.code()).contains(7);
                assertThat(status.pid()).isEqualTo(pid);
            }
        }
    }

    @Test
    void descriptorsNeverOverwriteEachOther() throws Exception {
        try (OpenFile.Pipe pipe = OpenFile.pipe();
                Fd file = OpenFile.sealed("content", new byte[] {'o', 'k'});
                Fd empty = OpenFile.memory("empty")) {
            // Each source's own number is another's target.
            int pid = new Spawn("/bin/sh", List.of("sh", "-c", "cat /proc/self/fd/" + empty.number()), List.of())
                    .descriptor(file, empty.number())
                    .descriptor(empty, file.number())
                    .descriptor(empty, pipe.writing().number())
                    .descriptor(pipe.writing(), 1)
                    .start();
            pipe.writing().close();
            try (Fd pidfd = Pidfd.open(pid)) {
                assertThat(all(pipe.reading())).isEqualTo("ok");
                assertThat(Pidfd.await(pidfd).code()).contains(0);
            }
        }
    }

    @Test
    void aChildBlocksNoSignalAndIgnoresNoneButGlibcsOwnTwo() throws Exception {
        try (OpenFile.Pipe pipe = OpenFile.pipe()) {
            int pid = new Spawn("/bin/grep", List.of("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"), List.of())
                    .descriptor(pipe.writing(), 1)
                    .ownSession()
                    .start();
            pipe.writing().close();
            try (Fd pidfd = Pidfd.open(pid)) {
                // From 2.41 at the latest glibc leaves not even those.
                assertThat(all(pipe.reading()))
                        .isIn(
                                "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n",
                                "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
                Pidfd.await(pidfd);
            }
        }
    }

    @Test
    void anEndBySignalIsToldAsSuch() throws Exception {
        int pid = new Spawn("/bin/sleep", List.of("sleep", "600"), List.of()).start();
        try (Fd pidfd = Pidfd.open(pid);
                Epoll epoll = Epoll.open()) {
            epoll.add(pidfd, 42);
            assertThat(epoll.await(0)).isEmpty();
            assertThat(Pidfd.reap(pidfd)).isEmpty();
            Pidfd.signal(pidfd, 9);
            assertThat(epoll.await(10_000)).containsExactly(42L);
            assertThat(Pidfd.reap(pidfd))
                    .get()
                    .satisfies(s -> assertThat(s.signal()).contains(9));
            assertThatThrownBy(() -> Pidfd.signal(pidfd, 0))
                    .isInstanceOfSatisfying(
                            SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
        }
    }

    @Test
    void aProgramThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> new Spawn("/nowhere", List.of("x"), List.of()).start())
                .hasMessage("spawn /nowhere: ENOENT (no such file or directory)");
    }

    private static String all(Fd from) throws SysException {
        ByteBuffer to = ByteBuffer.allocate(4096);
        while (Descriptors.read(from, to) > 0) assertThat(to.hasRemaining()).isTrue();
        return new String(to.array(), 0, to.position(), StandardCharsets.UTF_8);
    }
}
