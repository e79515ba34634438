package io.hostel.network;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.Cidr;
import java.net.Inet4Address;

/**
 * The blocks of the sandboxes' network that tenants get their addresses from, by index. The first is the bridge's own, where
 * there is more than one.
 */
public final class BlockPool {
    private final Cidr network;
    private final int prefix;
    private final Slots slots;

    /** @param prefix of a block, e.g. 24; not shorter than the network's */
    public BlockPool(Cidr network, int prefix) {
        if (prefix < network.prefix() || prefix > 30) {
            throw new IllegalArgumentException("blocks of /" + prefix + " in " + network);
        }
        this.network = network;
        this.prefix = prefix;
        this.slots = new Slots(1 << Math.min(30, prefix - network.prefix()));
        if (slots.size() > 1) {
            slots.retake(0);
        }
    }

    /** @throws RefusedException NoCapacity where every block is taken */
    public int lease() {
        return slots.lease()
                .orElseThrow(() -> new RefusedException(
                        new Refusal.NoCapacity("all " + slots.size() + " address blocks of /" + prefix + " in "
                                + network + " are taken; widen hostel.network.cidr or delete a tenant")));
    }

    /** Takes a block that is somebody's by the records; false where it is taken already or there is none of that index. */
    public boolean retake(int block) {
        return slots.retake(block);
    }

    public void giveBack(int block) {
        slots.giveBack(block);
    }

    public Cidr block(int index) {
        return network.block(prefix, index);
    }

    /** Index of the block that an address lies in; the address is one of the network's. */
    public int indexOf(Inet4Address address) {
        return (Cidr.bits(address) - network.network()) >>> (32 - prefix);
    }

    public Cidr network() {
        return network;
    }

    /** How many sandboxes find an address in one block: all but the lowest and the highest. */
    public int addressesPerBlock() {
        return (int) Math.min(Integer.MAX_VALUE, (1L << (32 - prefix)) - 2);
    }
}
