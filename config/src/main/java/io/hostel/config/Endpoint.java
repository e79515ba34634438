package io.hostel.config;

/** Where a server listens: an address or host name, and a TCP port in 0..65535 (0 takes a free one). */
public record Endpoint(String host, int port) {}
