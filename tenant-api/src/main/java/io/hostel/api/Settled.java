package io.hostel.api;

/**
 * The answer to a change that takes time.
 *
 * @param view how things are now
 * @param settled whether the change has succeeded or failed for good; false: still under way
 */
public record Settled<T>(T view, boolean settled) {}
