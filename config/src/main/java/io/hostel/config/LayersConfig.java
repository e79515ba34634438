package io.hostel.config;

import java.util.OptionalDouble;

/**
 * The writable layers of all sandboxes.
 *
 * @param poolBytes the most that the pool takes which holds them, bytes, reserved on the disk when first made; of no meaning where
 *     the disk has project quotas
 * @param poolPart of what is free on the disk then, the most that the pool takes, within 0.01..1
 * @param floorBytes what each layer may take, where its limit is no less, whatever the others take
 * @param overcommit so many times what there is may be promised by limits; empty: any number of times
 */
public record LayersConfig(long poolBytes, double poolPart, long floorBytes, OptionalDouble overcommit) {

    /** The least that a pool is made of. */
    public static final long LEAST_POOL_BYTES = 128L << 20;

    /**
     * How large the pool is to be. It never shrinks.
     *
     * @param thereBytes what it has; 0 where there is none
     * @param freeBytes what is free on the disk beside it
     */
    public long poolBytes(long thereBytes, long freeBytes) {
        long part = (long) (poolPart * (thereBytes + freeBytes));
        return Math.max(thereBytes, Math.max(LEAST_POOL_BYTES, Math.min(poolBytes, part)));
    }
}
