package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.linux.NetworkLab.Guest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The kernel has one table of neighbours for all network namespaces, of gc_thresh3 entries; arp(7). One that waits for an answer
 * cannot be evicted, so whoever can have the kernel ask for any address fills it for everybody.
 */
class NeighboursIT {
    /** To so many addresses of every range there is; a socket that is bound to a link needs no route to them. */
    private static final int ADDRESSES = 90;

    private NetworkLab lab;
    private Guest guest;

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
        guest = lab.sandbox(2, 1);
    }

    @AfterEach
    void clear() throws Exception {
        lab.close();
    }

    @Test
    void noSandboxMakesANeighbourThatTheKernelCannotEvict() throws Exception {
        sendToEach("AF_INET", "('203.0.%d.%d' % (n // 200, 1 + n % 200), 9)", "MSG_DONTROUTE");
        sendToEach("AF_INET", "('10.77.%d.%d' % (100 + n // 200, 1 + n % 200), 9)", "MSG_DONTROUTE");
        sendToEach("AF_INET", "('10.77.%d.%d' % (100 + n // 200, 1 + n % 200), 9)", "MSG_DONTWAIT");
        List<String> made = neighbours("-4");
        assertThat(made).as("the kernel knows none that it would have to ask for").allMatch(NeighboursIT::evictable);
        assertThat(made.stream().filter(line -> line.endsWith("NOARP")))
                .as("yet packets have gone out to them")
                .hasSizeGreaterThanOrEqualTo(ADDRESSES);
    }

    @Test
    void norByIpv6() throws Exception {
        sendToEach("AF_INET6", "('fe80::%x' % (n + 10), 9, 0, socket.if_nametoindex('eth0'))", "MSG_DONTROUTE");
        sendToEach("AF_INET6", "('2001:db8::%x' % (n + 10), 9)", "MSG_DONTROUTE");
        assertThat(neighbours("-6")).allMatch(NeighboursIT::evictable);
    }

    @Test
    void noSandboxMakesTheHostAskForOne() throws Exception {
        sendToEach("AF_INET", "('10.77.%d.%d' % (100 + n // 200, 1 + n % 200), 9)", "MSG_DONTWAIT");
        assertThat(run("ip", "-4", "neigh", "show", "nud", "all", "dev", lab.plan.bridge())
                        .lines()
                        .map(String::strip))
                .allMatch(NeighboursIT::evictable);
    }

    @Test
    void whatAnEarlierDaemonHasAttachedAsksNobodyEitherFromThenOn() throws Exception {
        run("nsenter", "--net=" + guest.pin(), "ip", "link", "set", "eth0", "arp", "on");
        lab.links.quiet(guest.lease());
        assertThat(run("nsenter", "--net=" + guest.pin(), "ip", "link", "show", "eth0")).contains("NOARP");
        assertThat(neighbours("-4")).anyMatch(line -> line.startsWith("10.77.0.1 ") && line.endsWith("PERMANENT"));
        lab.serve(lab.internet, "here", 26);
        assertThat(guest.calls(NetworkLab.INTERNET, 26)).startsWith("here");
        lab.links.quiet(guest.lease());
    }

    private static boolean evictable(String line) {
        // neigh_forced_gc in net/core/neighbour.c; permanent ones do not count towards the table's size.
        return line.endsWith("NOARP") || line.endsWith("PERMANENT") || line.endsWith("FAILED");
    }

    private List<String> neighbours(String family) throws Exception {
        return run("nsenter", "--net=" + guest.pin(), "ip", family, "neigh", "show", "nud", "all", "dev", "eth0")
                .lines()
                .map(String::strip)
                .toList();
    }

    /** @param to an expression of Python that has an address for each n; what the kernel refuses is none of this test's */
    private void sendToEach(String family, String to, String flag) throws Exception {
        String program = String.join(
                "\n",
                "import socket",
                "s = socket.socket(socket." + family + ", socket.SOCK_DGRAM)",
                "s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth0')",
                "for n in range(" + ADDRESSES + "):",
                "  try: s.sendto(b'x', socket." + flag + ", " + to + ")",
                "  except OSError: pass");
        // Without any capability, as in a sandbox.
        run(
                "nsenter",
                "--net=" + guest.pin(),
                "setpriv",
                "--bounding-set=-all",
                "--inh-caps=-all",
                "python3",
                "-c",
                program);
    }
}
