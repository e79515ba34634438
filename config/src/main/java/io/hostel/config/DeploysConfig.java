package io.hostel.config;

import java.time.Duration;

/**
 * When a new release may take the place of another.
 *
 * @param aliveServing how long the command of a process with a port must have lived, 0..60 s; it must have answered twice, too
 * @param aliveAlone how long that of one without a port must have lived, 0..60 s
 */
public record DeploysConfig(Duration aliveServing, Duration aliveAlone) {}
