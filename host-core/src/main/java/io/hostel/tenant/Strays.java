package io.hostel.tenant;

import io.hostel.config.Cidr;
import io.hostel.network.BlockPool;
import io.hostel.network.TenantNumbers;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Numbers and address blocks that sandboxes of tenants that are no more still use: they are nobody else's until those are
 * reaped. Confined to the directory's actor.
 */
final class Strays {
    private final BlockPool blocks;
    private final TenantNumbers numbers;
    private final Map<Integer, Integer> byNumber = new HashMap<>();
    private final Map<Integer, Integer> byBlock = new HashMap<>();

    Strays(BlockPool blocks, TenantNumbers numbers) {
        this.blocks = blocks;
        this.numbers = numbers;
    }

    void hold(List<LedgerEntry> strays) {
        for (LedgerEntry entry : strays) {
            int number = numbers.numberOf(entry.plan().layerOwner());
            if (byNumber.containsKey(number) || numbers.retake(number)) {
                byNumber.merge(number, 1, Integer::sum);
            }
            block(entry.plan()).ifPresent(block -> {
                if (byBlock.containsKey(block) || blocks.retake(block)) {
                    byBlock.merge(block, 1, Integer::sum);
                }
            });
        }
    }

    void reaped(SandboxPlan plan) {
        int number = numbers.numberOf(plan.layerOwner());
        if (lastOf(byNumber, number)) {
            numbers.giveBack(number);
        }
        block(plan).filter(block -> lastOf(byBlock, block)).ifPresent(blocks::giveBack);
    }

    private static boolean lastOf(Map<Integer, Integer> counts, int key) {
        return counts.containsKey(key) && counts.computeIfPresent(key, (k, n) -> n > 1 ? n - 1 : null) == null;
    }

    private Optional<Integer> block(SandboxPlan plan) {
        Cidr network = blocks.network();
        return plan.address().filter(network::contains).map(blocks::indexOf);
    }
}
