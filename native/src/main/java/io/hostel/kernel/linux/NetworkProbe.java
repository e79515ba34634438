package io.hostel.kernel.linux;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Namespaces;
import io.hostel.sys.OpenFile;
import io.hostel.sys.SysException;
import io.hostel.sys.ThrowAwayThread;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Makes all that the host's network consists of in a network namespace of its own: bridge, veth, the filter's tables with NAT and
 * connection tracking. The namespace and everything in it go with the thread.
 */
final class NetworkProbe {
    private static final String NAME = "hostel-probe";

    private NetworkProbe() {}

    static void look(Findings findings) {
        try {
            ThrowAwayThread.call(KernelException.class, () -> {
                make();
                return true;
            });
            for (String feature : List.of("bridge", "veth", "nf_tables", "conntrack")) findings.offers(feature, "yes");
        } catch (KernelException e) {
            findings.lacks(
                    "network",
                    "the kernel refuses the sandboxes' network: " + e.getMessage()
                            + ": it needs bridge, veth, nf_tables with nat and connlimit, and nf_conntrack with timeouts: modprobe them, or boot a kernel"
                            + " that has them");
        }
        bridgeFiltering(findings);
    }

    private static void make() throws KernelException {
        HostNetwork.Plan plan = new HostNetwork.Plan(
                NAME,
                address(),
                24,
                "hs-",
                new HostNetwork.Egress(List.of("10.0.0.0/8"), List.of("25"), List.of()),
                new HostNetwork.Bounds(1, 1, 1, 1),
                Optional.empty(),
                20000,
                20001,
                0,
                false);
        try {
            Namespaces.unshare(Namespaces.NETWORK);
            new LinuxHostNetwork().ensure(plan);
            try (NetlinkSocket route = NetlinkSocket.route();
                    Fd here = OpenFile.open("/proc/thread-self/ns/net", OpenFile.READ)) {
                int bridge = LinuxLinks.link(route, NAME)
                        .orElseThrow(() -> new KernelException(Errno.ENODEV.name(), "make", NAME, "it is gone"))
                        .index();
                byte[] mac = {2, 0, 0, 0, 0, 1};
                route.tell(LinkMessages.createVeth("hs-probe", bridge, "eth0", mac, here.number()));
            }
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    /** TEST-NET-1, RFC 5737. */
    private static Inet4Address address() {
        try {
            return (Inet4Address) InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static void bridgeFiltering(Findings findings) {
        try {
            if (!KernelFile.read("/proc/sys/net/bridge/bridge-nf-call-iptables")
                    .strip()
                    .equals("1")) return;
        } catch (SysException e) {
            return; // br_netfilter is not loaded
        }
        findings.degrades(
                "bridge-nf-call-iptables",
                "1",
                "bridged packets pass iptables too, which costs a fifth of the throughput between sandboxes",
                "sysctl net.bridge.bridge-nf-call-iptables=0, where nothing else on the machine relies on it");
    }
}
