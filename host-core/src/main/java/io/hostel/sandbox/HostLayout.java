package io.hostel.sandbox;

import io.hostel.config.HostelConfig;
import java.net.Inet4Address;
import java.nio.file.Path;

/**
 * Where on this host a sandbox's things lie, and what they are named after.
 *
 * @param runDir dies with the boot: pins, launch records, the ledger
 * @param logDir the sandboxes' logs, by tenant and app
 * @param logBytes the most that one sandbox's log takes
 * @param logRate the most that is written into it within a second, bytes; 0: all that comes
 * @param layerPool where the writable layers' pool is mounted
 * @param gateway the bridge's address
 * @param tag two characters that begin every sandbox id of this host
 */
public record HostLayout(
        Path runDir,
        Path logDir,
        long logBytes,
        long logRate,
        Path layerPool,
        String bridge,
        Inet4Address gateway,
        String tag) {

    /** What every link, cgroup and id of a sandbox begins with, whichever host it belongs to. */
    public static final String PREFIX = "hs-";

    public static HostLayout of(HostelConfig config) {
        String bridge = config.network().bridge();
        return new HostLayout(
                config.runDir(),
                config.logDir(),
                config.logBytesPerSandbox(),
                config.logRatePerSandbox(),
                config.runDir().resolve("layers"),
                bridge,
                config.network().cidr().address(1),
                SandboxIds.tag(bridge));
    }

    /** What the control groups of tenants begin with; their number follows. */
    public static final String TENANT = "t-";

    /** The control group of a tenant, e.g. {@code t-5}. */
    public static String tenantGroup(int number) {
        return TENANT + number;
    }

    /** What the links and cgroups of this host's sandboxes begin with, e.g. {@code hs-a7}. */
    public String linkPrefix() {
        return PREFIX + tag;
    }

    public Path pins() {
        return runDir.resolve("netns");
    }

    public Path ledger() {
        return runDir.resolve("ledger");
    }

    /** The slots' ledger. */
    public Path slots() {
        return runDir.resolve("slots");
    }

    /** Launch and exit records: a directory per sandbox, in it one per launch. */
    public Path launches() {
        return runDir.resolve("launches");
    }

    public Path logs(String tenant, String app) {
        return logDir.resolve(tenant).resolve(app);
    }
}
