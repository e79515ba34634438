package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Fd;
import io.hostel.sys.LocalDatagrams;
import io.hostel.sys.Sockets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifySocketTest {
    @TempDir
    Path directory;

    private static String next(Fd listening) throws Exception {
        assertThat(Sockets.readable(listening, 10_000)).as("something has come").isTrue();
        ByteBuffer datagram = ByteBuffer.allocate(4_096);
        Sockets.receive(listening, datagram, 0);
        return StandardCharsets.UTF_8.decode(datagram.flip()).toString();
    }

    @Test
    void assignmentsComeAsTheLinesOfOneDatagramEach() throws Exception {
        String path = directory.resolve("notify").toString();
        try (Fd listening = LocalDatagrams.listen(path)) {
            NotifySocket socket = new NotifySocket(path);
            socket.send("READY=1", "STATUS=für alle da");
            socket.send("STOPPING=1");
            assertThat(next(listening)).isEqualTo("READY=1\nSTATUS=für alle da");
            assertThat(next(listening)).isEqualTo("STOPPING=1");
            assertThat(Sockets.readable(listening, 0)).isFalse();
        }
    }

    @Test
    void aNameOfTheAbstractNamespaceIsNoPath() throws Exception {
        String name = "@hostel-test-" + ProcessHandle.current().pid();
        try (Fd listening = LocalDatagrams.listen(name)) {
            new NotifySocket(name).send("WATCHDOG=1");
            assertThat(next(listening)).isEqualTo("WATCHDOG=1");
        }
        assertThatThrownBy(() -> new NotifySocket(name).send("WATCHDOG=1"))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("ECONNREFUSED");
    }

    @Test
    void thatNobodyHearsItIsToldInTheKernelsWords() {
        String nowhere = directory.resolve("nowhere").toString();
        assertThatThrownBy(() -> new NotifySocket(nowhere).send("READY=1"))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining(nowhere)
                .hasMessageContaining("ENOENT");
        for (String none : new String[] {"", "/" + "x".repeat(107)}) {
            assertThatThrownBy(() -> new NotifySocket(none).send("READY=1"))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("no address of a local socket");
        }
    }
}
