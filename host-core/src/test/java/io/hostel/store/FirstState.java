package io.hostel.store;

import static io.hostel.store.StoredThings.NOW;

import io.hostel.config.Quota;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import java.util.Optional;

/** Things stored by the statements of the first schema's time, which the second shares. */
final class FirstState {
    static final int LAST_VERSION = 2;

    private FirstState() {}

    /** A tenant with the standard quota of that time and 4.5 cores, a token, an artifact, and an app with one release. */
    static void write(Database database, StoredTenant tenant, StoredToken token, StoredApp app) {
        boolean fields = database.one(
                        "SELECT count(*) FROM pragma_table_info('tenant') WHERE name = 'memory'", row -> row.getInt(1))
                .equals(Optional.of(1));
        String quota = fields ? "memory, cpus, pids, disk, sandboxes, published_ports, artifacts" : "quota";
        String values = fields
                ? "4294967296, 4.5, 4096, 8589934592, 200, 50, 2147483648"
                : "'" + StoredJson.quota(Quota.STANDARD.withCpus(4.5)) + "'";
        database.change(
                "INSERT INTO tenant (id, number, uid_base, blocks, " + quota + ", deleting, events_after)"
                        + " VALUES (?, ?, ?, ?, " + values + ", 0, 0)",
                tenant.id(),
                tenant.number(),
                tenant.uidBase(),
                StoredJson.text(tenant.blocks()));
        database.change(
                "INSERT INTO token (tenant, id, label, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
                tenant.id(),
                token.id(),
                token.label(),
                token.hash(),
                token.createdAt().toString(),
                token.expiresAt().orElseThrow().toString());
        database.change(
                "INSERT INTO artifact (tenant, digest, size, created_at) VALUES (?, 'sha256:aa', 7, ?)",
                tenant.id(),
                NOW.toString());
        database.change(
                "INSERT INTO app (tenant, id, live, latest, scales, ports, deleting) VALUES (?, ?, ?, ?, ?, ?, 0)",
                tenant.id(),
                app.app(),
                app.live(),
                app.latest(),
                StoredJson.text(app.scales()),
                StoredJson.text(app.ports()));
        database.change(
                """
                INSERT INTO release (tenant, app, number, status, reason, created_at, spec)
                VALUES (?, ?, 1, 'DEPLOYING', NULL, ?, ?)""",
                tenant.id(),
                app.app(),
                NOW.toString(),
                StoredJson.spec(StoredThings.spec()));
    }
}
