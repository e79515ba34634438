package io.hostel.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorsTest {
    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsRead() throws Exception {
        String path = directory.resolve("süß").toString();
        try (Fd fd = OpenFile.open(path, OpenFile.READ_WRITE | OpenFile.CREATE | OpenFile.EXCLUSIVE, 0600)) {
            Descriptors.writeAll(fd, "hello".getBytes(StandardCharsets.UTF_8));
            ByteBuffer heap = ByteBuffer.allocate(3);
            assertThat(Descriptors.pread(fd, heap, 1)).isEqualTo(3);
            assertThat(heap.array()).isEqualTo("ell".getBytes(StandardCharsets.UTF_8));
            ByteBuffer direct = ByteBuffer.allocateDirect(8).position(2);
            assertThat(Descriptors.pread(fd, direct, 3)).isEqualTo(2);
            assertThat(direct.position()).isEqualTo(4);
            assertThat(direct.get(2)).isEqualTo((byte) 'l');
            Descriptors.pwrite(fd, ByteBuffer.wrap(new byte[] {'J'}), 0);
        }
        assertThat(Path.of(path)).hasContent("Jello");
    }

    @Test
    void aWholeFileSystemIsBroughtToTheDisk() throws Exception {
        try (Fd fd = OpenFile.open(directory.toString(), OpenFile.READ | OpenFile.DIRECTORY)) {
            Descriptors.syncFileSystem(fd);
            assertThat(fd.open()).isTrue();
        }
    }

    @Test
    void aRefusalNamesErrorCallAndTarget() {
        assertThatThrownBy(() -> OpenFile.open("/nowhere", OpenFile.READ))
                .isInstanceOf(SysException.class)
                .hasMessage("open /nowhere: ENOENT (no such file or directory)")
                .satisfies(e -> assertThat(((SysException) e).is(Errno.ENOENT)).isTrue());
    }

    @Test
    void everythingIsCloseOnExec() throws Exception {
        try (Fd file = OpenFile.open("/", OpenFile.READ | OpenFile.DIRECTORY);
                Fd second = Descriptors.duplicate(file);
                Fd memory = OpenFile.memory("m");
                OpenFile.Pipe pipe = OpenFile.pipe();
                Eventfd event = Eventfd.open();
                Fd below = OpenFile.openAt(file, "proc", OpenFile.PATH, 0);
                Fd socket = Sockets.netlink(Sockets.NETLINK_ROUTE);
                Fd self = Pidfd.open((int) ProcessHandle.current().pid())) {
            for (Fd fd :
                    List.of(file, second, memory, pipe.reading(), pipe.writing(), event.fd(), below, socket, self)) {
                String flags = Files.readString(Path.of("/proc/self/fdinfo/" + fd.number()));
                assertThat(Integer.parseInt(
                                        flags.lines()
                                                .filter(l -> l.startsWith("flags:"))
                                                .findFirst()
                                                .orElseThrow()
                                                .substring(6)
                                                .trim(),
                                        8)
                                & OpenFile.CLOEXEC)
                        .as(fd.toString())
                        .isNotZero();
            }
        }
    }

    @Test
    void aClosedDescriptorIsNeverAnothers() throws Exception {
        Fd fd = OpenFile.open("/", OpenFile.PATH);
        fd.close();
        fd.close();
        assertThatIllegalStateException().isThrownBy(fd::number).withMessageContaining("closed");
    }

    @Test
    void aSealedFileDoesNotChange() throws Exception {
        try (Fd fd = OpenFile.sealed("filter", new byte[] {1, 2})) {
            assertThatThrownBy(() -> Descriptors.pwrite(fd, ByteBuffer.allocate(1), 0))
                    .isInstanceOfSatisfying(
                            SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
            assertThat(Stat.of(fd).bytes()).isEqualTo(2);
        }
    }

    @Test
    void statTellsFilesApart() throws Exception {
        Path file = Files.createFile(directory.resolve("a"));
        Stat stat = Stat.of(file.toString());
        assertThat(stat.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(stat.mode()).isEqualTo(Files.getAttribute(file, "unix:mode"));
        assertThat(stat.sameFile(Stat.of("/proc/self/exe"))).isFalse();
        assertThat(Statfs.of("/proc").type()).isEqualTo(0x9fa0);
    }

    @Test
    void anAllocatedRangeTakesItsBlocks() throws Exception {
        try (Fd fd = OpenFile.open(directory.resolve("f").toString(), OpenFile.WRITE | OpenFile.CREATE, 0600)) {
            Descriptors.fallocate(fd, 0, 65536);
            assertThat(Stat.of(fd).blocks()).isGreaterThanOrEqualTo(128);
        }
    }

    @Test
    void theErrorIsTheOwnThreadsUnderConcurrency() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<?> missing = () -> repeatedly("/nowhere", OpenFile.READ, Errno.ENOENT);
            Callable<?> directory = () -> repeatedly("/", OpenFile.WRITE, Errno.EISDIR);
            Callable<?> notDirectory = () -> repeatedly("/proc/self/stat", OpenFile.DIRECTORY, Errno.ENOTDIR);
            List<Future<?>> all = new ArrayList<>();
            for (Callable<?> each : List.of(missing, directory, notDirectory, missing)) all.add(threads.submit(each));
            for (Future<?> done : all) done.get();
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean repeatedly(String path, int flags, Errno expected) {
        IntStream.range(0, 3000)
                .forEach(i -> assertThatThrownBy(() -> OpenFile.open(path, flags))
                        .isInstanceOfSatisfying(
                                SysException.class, e -> assertThat(e.errno()).isEqualTo(expected)));
        return true;
    }
}
