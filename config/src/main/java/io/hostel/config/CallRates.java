package io.hostel.config;

/**
 * Calls of the API that a tenant may make, per second; 0: no bound.
 *
 * @param changes calls that change something
 * @param reads calls that do not
 */
public record CallRates(int changes, int reads) {}
