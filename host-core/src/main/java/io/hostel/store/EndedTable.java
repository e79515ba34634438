package io.hostel.store;

import io.hostel.store.DesiredState.StoredEnded;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Sandboxes that have ended for good. */
final class EndedTable {
    private final Database database;

    EndedTable(Database database) {
        this.database = database;
    }

    List<StoredEnded> of(String tenant, String app) {
        return database.query(
                "SELECT * FROM ended_sandbox WHERE tenant = ? AND app = ? ORDER BY started_at, id",
                EndedTable::ended,
                tenant,
                app);
    }

    void save(StoredEnded ended) {
        database.change(
                """
                INSERT INTO ended_sandbox
                  (tenant, app, id, process, release, restarts, started_at, ready_at, last_exit)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, app, id) DO UPDATE SET restarts = excluded.restarts,
                  started_at = excluded.started_at, ready_at = excluded.ready_at, last_exit = excluded.last_exit""",
                ended.tenant(),
                ended.app(),
                ended.sandbox(),
                ended.process(),
                ended.release(),
                ended.restarts(),
                ended.startedAt().map(Instant::toString).orElse(null),
                ended.readyAt().map(Instant::toString).orElse(null),
                ended.lastExit().map(StoredJson::text).orElse(null));
    }

    void delete(String tenant, String app, String sandbox) {
        database.change("DELETE FROM ended_sandbox WHERE tenant = ? AND app = ? AND id = ?", tenant, app, sandbox);
    }

    private static StoredEnded ended(ResultSet row) throws SQLException {
        return new StoredEnded(
                row.getString("tenant"),
                row.getString("app"),
                row.getString("id"),
                row.getString("process"),
                row.getInt("release"),
                row.getInt("restarts"),
                Optional.ofNullable(row.getString("started_at")).map(Instant::parse),
                Optional.ofNullable(row.getString("ready_at")).map(Instant::parse),
                Optional.ofNullable(row.getString("last_exit")).map(StoredJson::lastExit));
    }
}
