package io.hostel.api.http;

import java.time.Duration;

/**
 * How long clients may take.
 *
 * @param firstHead from connecting to the end of the first request's head
 * @param nextHead from an answer's last byte to the end of the next request's head
 * @param body for a whole body but an upload's
 * @param uploadPause between two pieces of an upload
 * @param upload for a whole upload
 */
record Deadlines(Duration firstHead, Duration nextHead, Duration body, Duration uploadPause, Duration upload) {
    static final Deadlines STANDARD = new Deadlines(
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofMinutes(30));
}
