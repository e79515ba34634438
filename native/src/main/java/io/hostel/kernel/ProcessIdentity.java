package io.hostel.kernel;

/**
 * One process, never mistaken for a later one with the same number.
 *
 * @param bootId /proc/sys/kernel/random/boot_id
 * @param pid its number in the host's PID namespace
 * @param startTicks field 22 of /proc/PID/stat, in clock ticks since the boot; see proc(5)
 */
public record ProcessIdentity(String bootId, int pid, long startTicks) {}
