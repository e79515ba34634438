package io.hostel.sandbox;

import java.util.concurrent.atomic.AtomicInteger;

/** Nothing is ever ready. */
public final class ColdSlots implements Slots {
    private final AtomicInteger count = new AtomicInteger();
    private final String bridge;

    public ColdSlots(String bridge) {
        this.bridge = bridge;
    }

    @Override
    public Seat take(int tenant, boolean networked) {
        return new Seat(String.format("a7%010d", count.incrementAndGet()), bridge);
    }

    @Override
    public boolean holds(String id) {
        return false;
    }

    @Override
    public Made claim(String id) {
        return Made.NOTHING;
    }

    @Override
    public void giveBack(String id) {}

    @Override
    public void gone(String id) {}

    @Override
    public void expect(int tenant) {}

    @Override
    public void forget(int tenant) {}
}
