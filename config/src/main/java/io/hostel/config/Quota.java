package io.hostel.config;

/**
 * What a tenant may use in all; usage has the same fields.
 *
 * @param memory bytes, the sum of its sandboxes' limits
 * @param cpus cores, the sum of its sandboxes' limits
 * @param pids the sum of its sandboxes' limits
 * @param disk bytes of writable layers, the sum of its sandboxes' limits
 * @param sandboxes how many
 * @param publishedPorts how many
 * @param artifacts bytes of artifacts, unpacked
 */
public record Quota(long memory, double cpus, int pids, long disk, int sandboxes, int publishedPorts, long artifacts) {}
