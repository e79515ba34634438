package io.hostel.config;

import java.util.Locale;

/**
 * What a quota bounds, each with its standard value and the largest that may be set: the one place that says what a quota consists
 * of. Settings, requests, answers and the database have a field for each.
 */
public enum QuotaField {
    /** Bytes, the sum of its sandboxes' limits. */
    MEMORY("memory", Unit.BYTES, 4L << 30, Bound.BYTES),
    /** The sum of its sandboxes' limits. */
    CPUS("cpus", Unit.MILLIONTHS, 4_000_000, 100_000_000_000L),
    /** Processes and threads, the sum of its sandboxes' limits. */
    PIDS("pids", Unit.COUNT, 4096, 1 << 22),
    /** Bytes of writable layers, the sum of its sandboxes' limits. */
    DISK("disk", Unit.BYTES, 8L << 30, Bound.BYTES),
    SANDBOXES("sandboxes", Unit.COUNT, 200, 100_000),
    PUBLISHED_PORTS("publishedPorts", Unit.COUNT, 50, 65_535),
    /** Bytes of artifacts, unpacked. */
    ARTIFACTS("artifacts", Unit.BYTES, 2L << 30, Bound.BYTES),
    APPS("apps", Unit.COUNT, 1000, 100_000),
    /** Of each app, kept beside the live one and the one that is being deployed. */
    RELEASES("releases", Unit.COUNT, 50, 10_000),
    /** Bytes in the database. */
    STATE("state", Unit.BYTES, 64L << 20, Bound.BYTES),
    /** Bytes of logs, ended sandboxes' included. */
    LOGS("logs", Unit.BYTES, 1L << 30, Bound.BYTES),
    TOKENS("tokens", Unit.COUNT, 100, 100_000),
    /** Open files, the sum of its sandboxes' limits. */
    FILES("files", Unit.COUNT, 262_144, 1L << 40),
    /** Files and directories of artifacts and writable layers. */
    INODES("inodes", Unit.COUNT, 500_000, 1L << 40),
    /** Connections that the kernel tracks for it, open and half-open. */
    CONNECTIONS("connections", Unit.COUNT, 8192, 1 << 24);

    private enum Unit {
        BYTES,
        COUNT,
        /** Of the whole numbers that people write: they add up exactly. */
        MILLIONTHS
    }

    private static final class Bound {
        static final long BYTES = 1L << 50;
    }

    private final String title;
    private final Unit unit;
    private final long standard;
    private final long most;

    QuotaField(String title, Unit unit, long standard, long most) {
        this.title = title;
        this.unit = unit;
        this.standard = standard;
        this.most = most;
    }

    /** Its name in requests, answers and the database, e.g. {@code publishedPorts}. */
    public String title() {
        return title;
    }

    /** Its key below {@code hostel.tenants.quota}, e.g. {@code published-ports}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What a tenant gets of it where neither settings nor its creation say so; also one that is older than the field. */
    public long standard() {
        return standard;
    }

    public long most() {
        return most;
    }

    /** Whether it is written as a size, e.g. {@code 64MiB}. */
    public boolean isBytes() {
        return unit == Unit.BYTES;
    }

    /** Whether its values are millionths of what people write: cores. */
    public boolean isMillionths() {
        return unit == Unit.MILLIONTHS;
    }
}
