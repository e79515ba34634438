package io.hostel.api;

import java.time.Instant;

/** @param stream {@code stdout}, {@code stderr} or {@code host} */
public record LogLine(Instant time, String sandbox, String process, String stream, String line) {}
