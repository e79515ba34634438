package io.hostel.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SelfTest {
    @Test
    void theKernelIsLinux() throws Exception {
        Uname uname = Uname.read();
        assertThat(uname.system()).isEqualTo("Linux");
        assertThat(uname.release()).isEqualTo(System.getProperty("os.version"));
        assertThat(Self.clockTicks()).isPositive();
    }

    @Test
    void errorsHaveNameAndWords() {
        assertThat(Errno.of(17)).hasToString("EEXIST (file exists)");
        assertThat(Errno.of(122)).isEqualTo(Errno.EDQUOT);
        assertThat(Errno.of(9999)).isEqualTo(Errno.UNKNOWN);
    }

    @Test
    void anEventWakesAnEpollUntilItIsLowered() throws Exception {
        try (Epoll epoll = Epoll.open();
                Eventfd event = Eventfd.open()) {
            epoll.add(event.fd(), 3);
            assertThat(event.lower()).isZero();
            event.raise();
            event.raise();
            assertThat(epoll.await(-1)).isEqualTo(List.of(3L));
            assertThat(event.lower()).isEqualTo(2);
            assertThat(epoll.await(0)).isEmpty();
            epoll.remove(event.fd());
        }
    }

    @Test
    void namespacesChangeOnThrowAwayThreadsOnly() {
        assertThatIllegalStateException().isThrownBy(() -> Namespaces.unshare(Namespaces.NETWORK));
    }

    @Test
    void aThrowAwayThreadHandsResultAndFailureOn() throws Exception {
        Thread here = Thread.currentThread();
        assertThat(ThrowAwayThread.call(Thread::currentThread)).isNotSameAs(here);
        assertThatThrownBy(() -> ThrowAwayThread.call(() -> OpenFile.open("/nowhere", 0)))
                .isInstanceOf(SysException.class);
    }
}
