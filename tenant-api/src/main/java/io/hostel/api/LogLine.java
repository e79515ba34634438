package io.hostel.api;

import java.time.Instant;
import java.util.Optional;

/**
 * @param stream {@code stdout}, {@code stderr} or {@code host}
 * @param partial true for a piece of a line that is too long for one, which goes on in the stream's next; else empty
 */
public record LogLine(
        Instant time, String sandbox, String process, String stream, String line, Optional<Boolean> partial) {

    public LogLine(Instant time, String sandbox, String process, String stream, String line) {
        this(time, sandbox, process, stream, line, Optional.empty());
    }
}
