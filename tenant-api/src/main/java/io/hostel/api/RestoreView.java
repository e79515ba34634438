package io.hostel.api;

import java.time.Instant;

/**
 * A backup that the host is about to take over.
 *
 * @param createdAt when it was made
 * @param replaced the directory of the host where what it replaces is kept
 */
public record RestoreView(Instant createdAt, int tenants, int artifacts, String replaced) {}
