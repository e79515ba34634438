package io.hostel.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * All settings of one host. The keys are documented in config/reference.
 *
 * @param stateDir desired state, artifacts, images and the layer pool; survives a reboot
 * @param runDir what dies with the boot: ledger, pins, launch records
 * @param logDir the sandboxes' logs
 * @param callRates what a tenant may ask of the API
 * @param logBytesPerSandbox the most that one sandbox's log takes on the disk, bytes, at least 64 KiB
 * @param logRatePerSandbox the most that goes into one sandbox's log within a second, bytes; 0: all that its command writes
 * @param warmSlots sandboxes kept ready for the next launches, before there is a tenant for them
 * @param comparison between two comparisons of all that the kernel holds with what it should
 * @param uidBase the first host uid handed to tenants; each tenant takes {@link #UIDS_PER_TENANT}
 * @param tenantQuota what a tenant may use when its creation names no quota
 */
public record HostelConfig(
        Path stateDir,
        Path runDir,
        Path logDir,
        Endpoint api,
        CallRates callRates,
        Endpoint ingress,
        NetworkConfig network,
        int uidBase,
        Quota tenantQuota,
        long logBytesPerSandbox,
        long logRatePerSandbox,
        LayersConfig layers,
        DeploysConfig deploys,
        int warmSlots,
        Duration comparison) {

    /** Host uids and gids in one tenant's range: what a 16-bit uid_map row needs. */
    public static final int UIDS_PER_TENANT = 65_536;
}
