package io.hostel.network;

import io.hostel.config.Cidr;
import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One tenant's addresses: those of its blocks but for each block's lowest and highest and the gateway's. Untouched ones are
 * leased first; one that was given back rests for a while before it is leased again, for somebody may still speak to it.
 */
public final class AddressPool {
    private final BlockPool blocks;
    private final int gateway;
    private final Duration quarantine;
    private final InstantSource steady;
    private final Deque<Integer> untouched = new ArrayDeque<>();
    private final Deque<Resting> resting = new ArrayDeque<>();
    private final Set<Integer> leased = new HashSet<>();
    private final Set<Integer> indexes = new HashSet<>();

    /**
     * @param claimed indexes of the tenant's blocks
     * @param gateway the bridge's address, never leased
     * @param quarantine how long an address rests
     * @param steady goes by what has passed, whatever the clock is set to
     */
    public AddressPool(
            BlockPool blocks, List<Integer> claimed, Inet4Address gateway, Duration quarantine, InstantSource steady) {
        this.blocks = blocks;
        this.gateway = Cidr.bits(gateway);
        this.quarantine = quarantine;
        this.steady = steady;
        claimed.forEach(this::add);
    }

    /** Adds the addresses of another block; one that is here already adds nothing. */
    public synchronized void add(int block) {
        if (!indexes.add(block)) {
            return;
        }
        int lowest = blocks.block(block).network();
        for (int i = 1; i <= blocks.addressesPerBlock(); i++) {
            if (lowest + i != gateway) {
                untouched.add(lowest + i);
            }
        }
    }

    /** Empty where every address is leased or resting: another block is wanted, or patience. */
    public synchronized Optional<Inet4Address> lease() {
        Integer address = untouched.poll();
        if (address == null) {
            Resting first = resting.peek();
            if (first == null || first.until().isAfter(steady.instant())) {
                return Optional.empty();
            }
            address = resting.remove().bits();
        }
        leased.add(address);
        return Optional.of(Cidr.fromBits(address));
    }

    /** Takes an address that is in use by the records; false where it is leased already or in none of the tenant's blocks. */
    public synchronized boolean retake(Inet4Address address) {
        Integer bits = Cidr.bits(address);
        return (untouched.remove(bits) || resting.removeIf(r -> r.bits() == bits)) && leased.add(bits);
    }

    /** The address begins to rest; one that is not leased stays as it is. */
    public synchronized void giveBack(Inet4Address address) {
        int bits = Cidr.bits(address);
        if (leased.remove(bits)) {
            resting.add(new Resting(bits, steady.instant().plus(quarantine)));
        }
    }

    public synchronized int leased() {
        return leased.size();
    }

    /** How many addresses there are in all, leased or not. */
    public synchronized int size() {
        return untouched.size() + resting.size() + leased.size();
    }

    private record Resting(int bits, Instant until) {}
}
