package io.hostel.api;

import java.util.Optional;

/** @param tail how many of the newest lines to begin with, 0..10000 */
public record LogQuery(int tail, boolean follow, Optional<String> process) {}
