package io.hostel.api;

/**
 * @param digest {@code sha256:} and the hex digest of the bytes sent
 * @param size bytes unpacked
 */
public record ArtifactView(String digest, long size) {}
