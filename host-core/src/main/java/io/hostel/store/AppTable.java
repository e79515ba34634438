package io.hostel.store;

import io.hostel.api.ReleaseView;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredRelease;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Apps, their releases, and the artifacts that tenants claim. */
final class AppTable {
    private static final int FORGOTTEN_AT_A_TIME = 64;

    private final Database database;

    AppTable(Database database) {
        this.database = database;
    }

    List<StoredArtifact> artifacts() {
        return database.query(
                "SELECT * FROM artifact ORDER BY tenant, created_at, digest",
                row -> new StoredArtifact(
                        row.getString("tenant"),
                        row.getString("digest"),
                        row.getLong("size"),
                        row.getLong("entries"),
                        Instant.parse(row.getString("created_at"))));
    }

    /** Claiming twice what is claimed already keeps the first claim. */
    void createArtifact(StoredArtifact artifact) {
        database.change(
                """
                INSERT INTO artifact (tenant, digest, size, entries, created_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (tenant, digest) DO NOTHING""",
                artifact.tenant(),
                artifact.digest(),
                artifact.size(),
                artifact.entries(),
                artifact.createdAt().toString());
    }

    List<StoredApp> apps(String tenant) {
        return database.query("SELECT * FROM app WHERE tenant = ? ORDER BY id", AppTable::app, tenant);
    }

    Optional<StoredApp> app(String tenant, String app) {
        return database.one("SELECT * FROM app WHERE tenant = ? AND id = ?", AppTable::app, tenant, app);
    }

    void save(StoredApp app) {
        database.change(
                """
                INSERT INTO app (tenant, id, live, latest, scales, ports, deleting) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, id) DO UPDATE SET live = excluded.live, latest = excluded.latest,
                  scales = excluded.scales, ports = excluded.ports, deleting = excluded.deleting""",
                app.tenant(),
                app.app(),
                app.live(),
                app.latest(),
                StoredJson.text(app.scales()),
                StoredJson.text(app.ports()),
                app.deleting());
    }

    void delete(String tenant, String app) {
        database.change("DELETE FROM app WHERE tenant = ? AND id = ?", tenant, app);
    }

    void createRelease(StoredRelease stored) {
        ReleaseView release = stored.release();
        database.change(
                """
                INSERT INTO release (tenant, app, number, status, reason, created_at, spec)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                stored.tenant(),
                stored.app(),
                release.release(),
                release.status().name(),
                release.reason().orElse(null),
                release.createdAt().toString(),
                StoredJson.spec(release.spec()));
    }

    /**
     * Forgets an app's releases but the live one, the newest and so many before them; of very many only some at a time, which
     * is told by true.
     */
    boolean forgetReleases(String tenant, String app, long kept) {
        int gone = database.change(
                """
                DELETE FROM release WHERE tenant = ?1 AND app = ?2 AND number IN (
                  SELECT r.number FROM release r JOIN app a ON a.tenant = r.tenant AND a.id = r.app
                  WHERE r.tenant = ?1 AND r.app = ?2 AND r.number NOT IN (a.live, a.latest)
                  ORDER BY r.number DESC LIMIT ?3 OFFSET ?4)""",
                tenant,
                app,
                FORGOTTEN_AT_A_TIME,
                kept);
        return gone == FORGOTTEN_AT_A_TIME;
    }

    long mostReleases(String tenant) {
        return database.one(
                        "SELECT coalesce(max(releases), 0) FROM app WHERE tenant = ?",
                        row -> row.getLong(1),
                        tenant)
                .orElseThrow();
    }

    /** The tenant's apps that have more releases than so many beside the live one and the newest. */
    List<String> withMore(String tenant, long kept) {
        return database.query(
                "SELECT id FROM app WHERE tenant = ? AND releases > ?",
                row -> row.getString(1),
                tenant,
                kept + 1);
    }

    /** A release's content never changes, only what became of it. */
    void changeRelease(StoredRelease stored) {
        ReleaseView release = stored.release();
        int changed = database.change(
                "UPDATE release SET status = ?, reason = ? WHERE tenant = ? AND app = ? AND number = ?",
                release.status().name(),
                release.reason().orElse(null),
                stored.tenant(),
                stored.app(),
                release.release());
        if (changed == 0) {
            throw new StoreException(
                    "there is no release " + release.release() + " of " + stored.tenant() + "/" + stored.app()
                            + " to change",
                    null);
        }
    }

    Optional<StoredRelease> release(String tenant, String app, int number) {
        return database.one(
                "SELECT * FROM release WHERE tenant = ? AND app = ? AND number = ?",
                row -> new StoredRelease(tenant, app, release(row)),
                tenant,
                app,
                number);
    }

    Optional<StoredRelease> releaseAfter(String tenant, String app, int number) {
        return database.one(
                "SELECT * FROM release WHERE tenant = ? AND app = ? AND number > ? ORDER BY number LIMIT 1",
                row -> new StoredRelease(tenant, app, release(row)),
                tenant,
                app,
                number);
    }

    private static ReleaseView release(ResultSet row) throws SQLException {
        return new ReleaseView(
                row.getInt("number"),
                ReleaseView.Status.valueOf(row.getString("status")),
                Optional.ofNullable(row.getString("reason")),
                Instant.parse(row.getString("created_at")),
                StoredJson.spec(row.getString("spec")));
    }

    private static StoredApp app(ResultSet row) throws SQLException {
        return new StoredApp(
                row.getString("tenant"),
                row.getString("id"),
                row.getInt("live"),
                row.getInt("latest"),
                StoredJson.numbersByName(row.getString("scales")),
                StoredJson.numbersByName(row.getString("ports")),
                row.getBoolean("deleting"));
    }
}
