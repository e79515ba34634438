package io.hostel.store;

import io.hostel.store.DesiredState.StoredLink;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tenants, their tokens and their links. */
final class TenantTable {
    private final Database database;

    TenantTable(Database database) {
        this.database = database;
    }

    List<StoredTenant> tenants() {
        return database.query("SELECT * FROM tenant ORDER BY id", TenantTable::tenant);
    }

    void create(StoredTenant tenant) {
        database.change(
                "INSERT INTO tenant (id, number, uid_base, blocks, quota, deleting) VALUES (?, ?, ?, ?, ?, ?)",
                tenant.id(),
                tenant.number(),
                tenant.uidBase(),
                StoredJson.text(tenant.blocks()),
                StoredJson.quota(tenant.quota()),
                tenant.deleting());
    }

    void change(StoredTenant tenant) {
        int changed = database.change(
                "UPDATE tenant SET number = ?, uid_base = ?, blocks = ?, quota = ?, deleting = ? WHERE id = ?",
                tenant.number(),
                tenant.uidBase(),
                StoredJson.text(tenant.blocks()),
                StoredJson.quota(tenant.quota()),
                tenant.deleting(),
                tenant.id());
        if (changed == 0) {
            throw new StoreException("there is no tenant " + tenant.id() + " to change", null);
        }
    }

    void delete(String tenant) {
        database.change("DELETE FROM tenant WHERE id = ?", tenant);
    }

    Optional<StoredTenant> tenant(String id) {
        return database.one("SELECT * FROM tenant WHERE id = ?", TenantTable::tenant, id);
    }

    List<StoredToken> tokens() {
        return database.query("SELECT * FROM token ORDER BY tenant, created_at, id", TenantTable::token);
    }

    List<StoredToken> tokens(String tenant) {
        return database.query(
                "SELECT * FROM token WHERE tenant = ? ORDER BY created_at, id", TenantTable::token, tenant);
    }

    void createToken(StoredToken token) {
        database.change(
                "INSERT INTO token (tenant, id, label, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
                token.tenant(),
                token.id(),
                token.label(),
                token.hash(),
                token.createdAt().toString(),
                token.expiresAt().map(Instant::toString).orElse(null));
    }

    void deleteToken(String tenant, String id) {
        database.change("DELETE FROM token WHERE tenant = ? AND id = ?", tenant, id);
    }

    List<StoredLink> links() {
        return database.query(
                "SELECT tenant, other FROM link ORDER BY tenant, other",
                row -> new StoredLink(row.getString("tenant"), row.getString("other")));
    }

    boolean linked(String tenant, String other) {
        return database.one(
                        """
                        SELECT count(*) = 2 FROM link
                        WHERE (tenant = ?1 AND other = ?2) OR (tenant = ?2 AND other = ?1)""",
                        row -> row.getBoolean(1),
                        tenant,
                        other)
                .orElseThrow();
    }

    void touch(String tenant) {
        database.change("UPDATE tenant SET deleting = deleting WHERE id = ?", tenant);
    }

    void saveLink(StoredLink link) {
        database.change("INSERT OR IGNORE INTO link (tenant, other) VALUES (?, ?)", link.tenant(), link.other());
    }

    void deleteLink(String tenant, String other) {
        database.change("DELETE FROM link WHERE tenant = ? AND other = ?", tenant, other);
    }

    private static StoredTenant tenant(ResultSet row) throws SQLException {
        return new StoredTenant(
                row.getString("id"),
                row.getInt("number"),
                row.getInt("uid_base"),
                StoredJson.numbers(row.getString("blocks")),
                StoredJson.quota(row.getString("quota")),
                row.getBoolean("deleting"));
    }

    private static StoredToken token(ResultSet row) throws SQLException {
        return new StoredToken(
                row.getString("id"),
                row.getString("tenant"),
                row.getString("label"),
                row.getString("hash"),
                Instant.parse(row.getString("created_at")),
                Optional.ofNullable(row.getString("expires_at")).map(Instant::parse));
    }
}
