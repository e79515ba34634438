package io.hostel.api;

/** @param token the secret, shown this once */
public record TenantCreated(TenantView tenant, String token) {}
