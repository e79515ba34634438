package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.RefusedException;
import io.hostel.config.QuotaField;
import io.hostel.network.AddressPool;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.store.DesiredState.StoredTenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tenant's addresses: where they run out, another block is claimed for it, as long as its quota of sandboxes can make use
 * of one. Confined to the tenant's actor, but for the pool itself.
 */
final class TenantAddresses {

    /** How long an address rests: longer than any straggler of its last user's connections. */
    private static final Duration QUARANTINE = Duration.ofSeconds(2);

    private final Surroundings around;
    private final TenantChanges changes;
    private final AddressPool pool;
    private final Set<ActorRef<AppMessage>> waiting = new HashSet<>();
    private boolean claiming;

    TenantAddresses(
            ActorContext<TenantMessage> actor, Surroundings around, TenantChanges changes, List<LedgerEntry> left) {
        this.around = around;
        this.changes = changes;
        this.pool = new AddressPool(
                around.blocks(), changes.tenant().blocks(), around.gateway(), QUARANTINE, around.steady());
        left.stream().flatMap(e -> e.plan().address().stream()).forEach(address -> {
            if (!pool.retake(address)) {
                actor.getLog()
                        .warn(
                                "{} of tenant {} is in none of its blocks",
                                address,
                                changes.tenant().id());
            }
        });
    }

    AddressPool pool() {
        return pool;
    }

    /** An app found no free address. It tries again by itself; another block makes that worth while. */
    void wanted(ActorRef<AppMessage> app) {
        waiting.add(app);
        StoredTenant tenant = changes.tenant();
        // Old and new release side by side, and as many again at rest.
        long useful = 4L * tenant.quota().of(QuotaField.SANDBOXES);
        if (claiming || tenant.deleting() || pool.size() >= useful) {
            return;
        }
        int block;
        try {
            block = around.blocks().lease();
        } catch (RefusedException e) {
            waiting.forEach(a -> a.tell(new AppMessage.NoAddresses(e.refusal().detail())));
            waiting.clear();
            return;
        }
        claiming = true;
        changes.add(new TenantChanges.Change(
                t -> new StoredTenant(t.id(), t.number(), t.uidBase(), with(t, block), t.quota(), t.deleting()),
                "tenant.block-claimed",
                Map.of("block", around.blocks().block(block).toString()),
                (now, refusal) -> {
                    claiming = false;
                    if (refusal.isEmpty()) {
                        pool.add(block);
                        waiting.forEach(a -> a.tell(new AppMessage.AddressesAdded()));
                        waiting.clear();
                    } else if (now.isPresent() && !now.get().blocks().contains(block)) {
                        around.blocks().giveBack(block);
                    }
                }));
    }

    private static List<Integer> with(StoredTenant tenant, int block) {
        if (tenant.blocks().contains(block)) {
            return tenant.blocks();
        }
        List<Integer> blocks = new ArrayList<>(tenant.blocks());
        blocks.add(block);
        return blocks;
    }
}
