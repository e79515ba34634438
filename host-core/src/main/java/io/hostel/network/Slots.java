package io.hostel.network;

import java.util.BitSet;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

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

    OptionalInt lease() {
        return lease(slot -> true);
    }

    /** @param fit those that it does not hold for are passed over */
    synchronized OptionalInt lease(IntPredicate fit) {
        OptionalInt free = free(next, size, fit);
        if (free.isEmpty()) {
            free = free(0, next, fit);
        }
        free.ifPresent(slot -> {
            taken.set(slot);
            next = slot + 1;
        });
        return free;
    }

    private OptionalInt free(int from, int to, IntPredicate fit) {
        for (int slot = taken.nextClearBit(from); slot < to; slot = taken.nextClearBit(slot + 1)) {
            if (fit.test(slot)) {
                return OptionalInt.of(slot);
            }
        }
        return OptionalInt.empty();
    }

    synchronized boolean isLeased(int slot) {
        return taken.get(slot);
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
