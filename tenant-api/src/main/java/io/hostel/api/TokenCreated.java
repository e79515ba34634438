package io.hostel.api;

/** @param token the secret, shown this once */
public record TokenCreated(String id, String token) {}
