package io.hostel.network;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * Small numbers, 0 up to a bound, each taken or free. A free one is looked for after the one leased last, so that what was
 * given back is used again as late as can be.
 */
final class Slots {
    private final int size;
    private final BitSet taken = new BitSet();
    private int next;

    Slots(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("a pool of " + size);
        }
        this.size = size;
    }

    synchronized OptionalInt lease() {
        int free = taken.nextClearBit(next);
        if (free >= size) {
            free = taken.nextClearBit(0);
        }
        if (free >= size) {
            return OptionalInt.empty();
        }
        taken.set(free);
        next = free + 1;
        return OptionalInt.of(free);
    }

    /** Takes this very one; false where it is taken already or outside the pool. */
    synchronized boolean retake(int slot) {
        if (slot < 0 || slot >= size || taken.get(slot)) {
            return false;
        }
        taken.set(slot);
        next = Math.max(next, slot + 1);
        return true;
    }

    synchronized void giveBack(int slot) {
        taken.clear(slot);
    }

    synchronized int leased() {
        return taken.cardinality();
    }

    int size() {
        return size;
    }
}
