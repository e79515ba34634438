package io.hostel.sandbox;

import io.hostel.kernel.Launcher;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Every name and number of a sandbox that is known before there is a tenant for it: a pure function of its id. The ledger of
 * slots holds it as long as nobody has taken it.
 *
 * @param id at most 12 characters, never used again; kernel names are derived from it
 * @param pin of its network namespace
 * @param veth absent where the process is to have no network
 * @param layerPool where the writable layers' pool is mounted
 * @param layer name of its writable layer there
 * @param records holds a directory of records per launch
 */
public record SlotPlan(
        String id, Path pin, Optional<Links.Veth> veth, String cgroup, Path layerPool, String layer, Path records) {

    /** @param bridge where its link is attached; empty: it has none */
    public static SlotPlan of(String id, Optional<String> bridge, HostLayout layout) {
        String name = HostLayout.PREFIX + id;
        Path pin = layout.pins().resolve(id);
        return new SlotPlan(
                id,
                pin,
                bridge.map(b -> new Links.Veth(name, b, pin, MacAddress.of(id))),
                name,
                layout.layerPool(),
                id,
                layout.launches().resolve(id));
    }

    /** Where a launch leaves its records. */
    public Path recordDir(int launch) {
        return records.resolve(String.valueOf(launch));
    }

    /** What the launcher is told to ready it for that launch. */
    public Launcher.Ahead ahead(int launch) {
        return new Launcher.Ahead(id, pin, cgroup, records, recordDir(launch));
    }
}
