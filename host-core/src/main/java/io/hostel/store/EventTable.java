package io.hostel.store;

import io.hostel.config.Quota;
import io.hostel.store.DesiredState.StoredEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What happened, by sequence number. Of each tenant the newest {@value #KEPT} are kept and {@value #KEPT_BYTES} bytes of them;
 * as many of those that are no more, together; the host's own apart.
 */
final class EventTable {
    static final int KEPT = 10_000;
    private static final long KEPT_BYTES = 4 << 20;
    private static final int HOST_KEPT = 50_000;
    private static final long HOST_KEPT_BYTES = 32 << 20;
    private static final long PAGE_BYTES = 64 << 10;

    private final Database database;
    private final Accounts accounts;
    private final Function<String, Optional<Quota>> quotas;

    /** @param quotas by tenant, of those there are */
    EventTable(Database database, Accounts accounts, Function<String, Optional<Quota>> quotas) {
        this.database = database;
        this.accounts = accounts;
        this.quotas = quotas;
    }

    long append(Instant at, Optional<String> tenant, String kind, Map<String, String> details) {
        Optional<Quota> quota = tenant.flatMap(quotas);
        String owner = tenant.map(id -> quota.isPresent() ? id : Accounts.FORMER).orElse(Accounts.HOST);
        long sequence = database.one(
                        "INSERT INTO event (at, tenant, kind, details, owner) VALUES (?, ?, ?, ?, ?) RETURNING sequence",
                        row -> row.getLong(1),
                        at.toString(),
                        tenant.orElse(null),
                        kind,
                        StoredJson.text(details),
                        owner)
                .orElseThrow();
        if (tenant.isEmpty()) {
            accounts.keepWithin(owner, Accounts.Passing.EVENT, HOST_KEPT, HOST_KEPT_BYTES);
        } else {
            long bytes = quota.map(q -> Accounts.passing(q, KEPT_BYTES)).orElse(KEPT_BYTES);
            accounts.keepWithin(owner, Accounts.Passing.EVENT, KEPT, bytes);
        }
        return sequence;
    }

    /** @param tenant only of the one of that name that there is now; empty: all */
    List<StoredEvent> after(Optional<String> tenant, long since, int limit) {
        return tenant.isEmpty()
                ? database.page(
                        "SELECT * FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
                        EventTable::event,
                        EventTable::weight,
                        PAGE_BYTES,
                        since,
                        limit)
                : database.page(
                        "SELECT * FROM event WHERE owner = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                        EventTable::event,
                        EventTable::weight,
                        PAGE_BYTES,
                        tenant.get(),
                        since,
                        limit);
    }

    private static long weight(StoredEvent event) {
        return 100
                + event.details().values().stream().mapToLong(String::length).sum();
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
