package io.hostel.store;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.util.List;

/**
 * What each owner has in the database, kept up to date by the schema's triggers. An owner is a tenant by its id, {@link #HOST}
 * or {@link #FORMER}.
 */
final class Accounts {
    /** The host and its operator. */
    static final String HOST = "";

    /** Tenants that are no more, together: what has happened to them is still told. */
    static final String FORMER = "-";

    /** Of what a tenant may have in the database, the part that what is forgotten by itself takes, each kind of it. */
    private static final int PART = 8;

    private final Database database;

    /** @param bytes of texts, and 200 for each row */
    record Account(long items, long bytes) {}

    /** What is forgotten by itself, the oldest first. */
    enum Passing {
        EVENT("event", "event", "sequence", "TRUE"),
        /** One that is under way has no answer yet, and stays. */
        ANSWER("answer", "kept_answer", "begun_at", "status IS NOT NULL");

        private final String kind;
        private final String oldest;

        Passing(String kind, String table, String order, String which) {
            this.kind = kind;
            this.oldest = "DELETE FROM " + table + " WHERE rowid IN (SELECT rowid FROM " + table + " WHERE owner = ? AND "
                    + which + " ORDER BY " + order + " LIMIT ?)";
        }
    }

    Accounts(Database database) {
        this.database = database;
    }

    Account of(String owner, String kind) {
        return database.one(
                        "SELECT items, bytes FROM account WHERE owner = ? AND kind = ?",
                        row -> new Account(row.getLong(1), row.getLong(2)),
                        owner,
                        kind)
                .orElse(new Account(0, 0));
    }

    long bytes(String owner) {
        return database.one("SELECT sum(bytes) FROM account WHERE owner = ?", row -> row.getLong(1), owner)
                .orElse(0L);
    }

    /** The number of the newest event that has been forgotten; 0 while all are there. */
    long forgottenEvents(String owner) {
        return database.one(
                        "SELECT gone_to FROM account WHERE owner = ? AND kind = 'event'", row -> row.getLong(1), owner)
                .orElse(0L);
    }

    /** Of all owners' events, as {@link #forgottenEvents(String)}. */
    long forgottenEvents() {
        return database.one("SELECT max(gone_to) FROM account WHERE kind = 'event'", row -> row.getLong(1))
                .orElse(0L);
    }

    /** Forgets the oldest of a kind where there are too many or they are too large, and then somewhat more than need be. */
    void keepWithin(String owner, Passing what, long items, long bytes) {
        Account there = of(owner, what.kind);
        while (there.items() > items || there.bytes() > bytes) {
            long over = Math.max(there.items() - items, 0);
            if (database.change(what.oldest, owner, over + there.items() / 16 + 1) == 0) {
                return;
            }
            there = of(owner, what.kind);
        }
    }

    /** The most bytes that what is forgotten by itself may take of a tenant's, each kind of it. */
    static long passing(Quota quota, long most) {
        return Math.min(most, quota.of(QuotaField.STATE) / PART);
    }

    /**
     * Called where a tenant has added something, which is taken back with the transaction when this throws.
     *
     * @throws RefusedException OverQuota with the numbers, where it has more than it may
     */
    void requireWithin(Quota quota, QuotaField field, long there) {
        long allowed = quota.of(field);
        if (there > allowed) {
            String text = field.title() + ": " + there + " wanted in all, " + allowed + " allowed";
            throw new RefusedException(new Refusal.OverQuota("Over the tenant's quota: " + text + ".", List.of()));
        }
    }

    /** As {@link #requireWithin}, of its bytes; what would be forgotten in time goes before anything is refused. */
    void requireRoom(String tenant, Quota quota) {
        if (bytes(tenant) > quota.of(QuotaField.STATE)) {
            for (Passing what : Passing.values()) {
                keepWithin(tenant, what, Long.MAX_VALUE, quota.of(QuotaField.STATE) / PART / 4);
            }
            requireWithin(quota, QuotaField.STATE, bytes(tenant));
        }
    }
}
