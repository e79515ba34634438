package io.hostel.kernel.linux;

import java.nio.file.Files;
import java.nio.file.Path;

/** The hooks by which bridged packets pass iptables too. A machine that has not loaded them does without them again afterwards. */
final class BridgeNetfilter implements AutoCloseable {
    private static final Path SWITCH = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");
    private static final String MODULE = "br_netfilter";

    private boolean loaded;

    /** @param on "1" or "0", for this network namespace */
    void set(String on) throws Exception {
        if (!Files.exists(SWITCH)) {
            if (on.equals("0")) return;
            NetworkLab.run("modprobe", MODULE);
            loaded = true;
        }
        Files.writeString(SWITCH, on);
    }

    @Override
    public void close() throws Exception {
        if (loaded) NetworkLab.run("modprobe", "--remove", MODULE);
    }
}
