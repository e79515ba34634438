package io.hostel.api;

import java.time.Instant;
import java.util.Optional;

public record TokenView(String id, String label, Instant createdAt, Optional<Instant> expiresAt) {}
