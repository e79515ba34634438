package io.hostel.sandbox;

import io.hostel.kernel.Launcher;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Every name and number of a sandbox that is known before it is anybody's: a pure function of its id, and of the tenant that it
 * is made ahead for. The ledger of slots holds it as long as nobody has taken it.
 *
 * @param id at most 12 characters, never used again; kernel names are derived from it
 * @param pin of its network namespace
 * @param veth absent where the process is to have no network
 * @param cgroup within its tenant's; absent as long as it is nobody's
 * @param layerPool where the writable layers' pool is mounted
 * @param layer name of its writable layer there
 * @param records holds a directory of records per launch
 */
public record SlotPlan(
        String id,
        Path pin,
        Optional<Links.Veth> veth,
        Optional<String> cgroup,
        Path layerPool,
        String layer,
        Path records) {

    /** Nobody's yet. @param bridge where its link is attached; empty: it has none */
    public static SlotPlan of(String id, Optional<String> bridge, HostLayout layout) {
        Path pin = layout.pins().resolve(id);
        return new SlotPlan(
                id,
                pin,
                bridge.map(b -> new Links.Veth(HostLayout.PREFIX + id, b, pin, MacAddress.of(id))),
                Optional.empty(),
                layout.layerPool(),
                id,
                layout.launches().resolve(id));
    }

    /** The same for a tenant. @param tenant its control group */
    public SlotPlan below(String tenant) {
        return in(Optional.of(tenant + "/" + HostLayout.PREFIX + id));
    }

    /** The same for nobody. */
    public SlotPlan nobodys() {
        return in(Optional.empty());
    }

    private SlotPlan in(Optional<String> group) {
        return new SlotPlan(id, pin, veth, group, layerPool, layer, records);
    }

    /** The control group of the tenant that it is made for; empty: it is nobody's, or an earlier daemon's. */
    public String tenant() {
        return cgroup.map(SlotPlan::tenant).orElse("");
    }

    /** What a group is in; empty: in the host's own. */
    static String tenant(String group) {
        int slash = group.indexOf('/');
        return slash < 0 ? "" : group.substring(0, slash);
    }

    /** The control group that a daemon without groups for tenants would have given it. */
    public String formerGroup() {
        return HostLayout.PREFIX + id;
    }

    /** Where a launch leaves its records. */
    public Path recordDir(int launch) {
        return records.resolve(String.valueOf(launch));
    }

    /** What the launcher is told to ready it for that launch. */
    public Launcher.Ahead ahead(int launch) {
        return new Launcher.Ahead(id, pin, cgroup.orElseThrow(), records, recordDir(launch));
    }
}
