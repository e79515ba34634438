package io.hostel.api.http;

import java.time.Duration;

/**
 * How long clients may take.
 *
 * @param firstHead from connecting to the end of the first request's head
 * @param nextHead from an answer's last byte to the end of the next request's head
 * @param body for a whole body but an upload's
 * @param uploadWindow in which an upload has to bring {@link #UPLOAD_LEAST_BYTES}, not counting the time that it waits for us
 * @param upload for a whole upload
 */
record Deadlines(Duration firstHead, Duration nextHead, Duration body, Duration uploadWindow, Duration upload) {
    /** In each {@code uploadWindow}: 2 KiB a second. */
    static final long UPLOAD_LEAST_BYTES = 64 << 10;

    static final Deadlines STANDARD = new Deadlines(
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofMinutes(30));
}
