package io.hostel.store;

import io.hostel.store.DesiredState.StoredEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What happened, by sequence number. The newest {@value #KEPT} are kept. */
final class EventTable {
    private static final long KEPT = 100_000;
    private static final long SWEEP_EVERY = 1_000;

    private final Database database;

    EventTable(Database database) {
        this.database = database;
    }

    long append(Instant at, Optional<String> tenant, String kind, Map<String, String> details) {
        long sequence = database.one(
                        "INSERT INTO event (at, tenant, kind, details) VALUES (?, ?, ?, ?) RETURNING sequence",
                        row -> row.getLong(1),
                        at.toString(),
                        tenant.orElse(null),
                        kind,
                        StoredJson.text(details))
                .orElseThrow();
        if (sequence % SWEEP_EVERY == 0) {
            database.change("DELETE FROM event WHERE sequence <= ?", sequence - KEPT);
        }
        return sequence;
    }

    List<StoredEvent> after(Optional<String> tenant, long since, int limit) {
        if (tenant.isEmpty()) {
            return database.query(
                    "SELECT * FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    EventTable::event,
                    since,
                    limit);
        }
        return database.query("""
                SELECT * FROM event WHERE tenant = ?1
                  AND sequence > max(?2, coalesce((SELECT events_after FROM tenant WHERE id = ?1), 0))
                ORDER BY sequence LIMIT ?3""", EventTable::event, tenant.get(), since, limit);
    }

    private static StoredEvent event(ResultSet row) throws SQLException {
        return new StoredEvent(
                row.getLong("sequence"),
                Instant.parse(row.getString("at")),
                Optional.ofNullable(row.getString("tenant")),
                row.getString("kind"),
                StoredJson.textsByName(row.getString("details")));
    }
}
