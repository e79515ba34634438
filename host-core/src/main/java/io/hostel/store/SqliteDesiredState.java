package io.hostel.store;

import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Desired state in one SQLite file. A change is on the disk when its method returns: WAL with synchronous=FULL. Not for several
 * threads at once: see {@link StoreThread}.
 */
public final class SqliteDesiredState implements DesiredState {
    private final Database database;
    private final TenantTable tenants;
    private final AppTable apps;
    private final EndedTable ended;
    private final EventTable events;
    private final Accounts accounts;

    public SqliteDesiredState(Database database) {
        this.database = database;
        this.tenants = new TenantTable(database);
        this.apps = new AppTable(database);
        this.ended = new EndedTable(database);
        this.accounts = new Accounts(database);
        this.events = new EventTable(database, accounts, id -> tenants.tenant(id).map(StoredTenant::quota));
    }

    /** @throws StoreException as {@link Database#open} */
    public static SqliteDesiredState open(Path stateDir) {
        return new SqliteDesiredState(Database.open(stateDir));
    }

    /**
     * Forgets what there is beyond the bounds, some at a time, and has the room given back: an earlier version kept
     * everything. Takes as long as that takes, and nothing where there is nothing to forget.
     */
    public void tidy() {
        for (StoredTenant tenant : tenants.tenants()) {
            long kept = tenant.quota().of(QuotaField.RELEASES);
            for (String app : apps.withMore(tenant.id(), kept)) {
                while (apps.forgetReleases(tenant.id(), app, kept)) {
                    // in its own transaction each
                }
            }
        }
        database.prepareGivingBack();
    }

    @Override
    public void together(Runnable work) {
        database.transaction(work);
    }

    @Override
    public void onceStored(Runnable what) {
        database.onceStored(what);
    }

    @Override
    public void onceUndone(Runnable what) {
        database.onceUndone(what);
    }

    @Override
    public void copyTo(Path copy) {
        database.copyTo(copy);
    }

    @Override
    public List<StoredTenant> tenants() {
        return tenants.tenants();
    }

    @Override
    public Optional<StoredTenant> tenant(String id) {
        return tenants.tenant(id);
    }

    @Override
    public void createTenant(StoredTenant tenant, StoredToken firstToken) {
        database.transaction(() -> {
            tenants.create(tenant);
            tenants.createToken(firstToken);
        });
    }

    @Override
    public void changeTenant(StoredTenant tenant) {
        tenants.change(tenant);
    }

    @Override
    public void deleteTenant(String tenant) {
        tenants.delete(tenant);
    }

    @Override
    public List<StoredToken> tokens() {
        return tenants.tokens();
    }

    @Override
    public List<StoredToken> tokens(String tenant) {
        return tenants.tokens(tenant);
    }

    @Override
    public List<StoredToken> createToken(StoredToken token) {
        List<StoredToken> expired = new ArrayList<>();
        within(token.tenant(), quota -> {
            tenants.tokens(token.tenant()).stream()
                    .filter(old -> old.expiresAt()
                            .map(end -> !end.isAfter(token.createdAt()))
                            .orElse(false))
                    .forEach(expired::add);
            expired.forEach(old -> tenants.deleteToken(old.tenant(), old.id()));
            tenants.createToken(token);
            accounts.requireWithin(
                    quota, QuotaField.TOKENS, accounts.of(token.tenant(), "token").items());
        });
        return expired;
    }

    /** Something that a tenant adds, which is taken back where it has too much then. */
    private void within(String tenant, Consumer<Quota> addition) {
        database.transaction(() -> {
            Quota quota = tenants.tenant(tenant)
                    .map(StoredTenant::quota)
                    .orElseThrow(() -> new StoreException("there is no tenant " + tenant, null));
            long before = accounts.bytes(tenant);
            addition.accept(quota);
            if (accounts.bytes(tenant) > before) {
                accounts.requireRoom(tenant, quota);
            }
        });
    }

    @Override
    public void deleteToken(String tenant, String id) {
        tenants.deleteToken(tenant, id);
    }

    @Override
    public List<StoredArtifact> artifacts() {
        return apps.artifacts();
    }

    @Override
    public void createArtifact(StoredArtifact artifact) {
        within(artifact.tenant(), quota -> apps.createArtifact(artifact));
    }

    @Override
    public List<StoredApp> apps(String tenant) {
        return apps.apps(tenant);
    }

    @Override
    public Optional<StoredApp> app(String tenant, String app) {
        return apps.app(tenant, app);
    }

    @Override
    public void saveApp(StoredApp app) {
        apps.save(app);
    }

    @Override
    public void createRelease(StoredApp app, StoredRelease release) {
        within(app.tenant(), quota -> {
            long before = accounts.of(app.tenant(), "app").items();
            apps.save(app);
            apps.createRelease(release);
            apps.forgetReleases(app.tenant(), app.app(), quota.of(QuotaField.RELEASES));
            long there = accounts.of(app.tenant(), "app").items();
            if (there > before) {
                accounts.requireWithin(quota, QuotaField.APPS, there);
            }
        });
    }

    @Override
    public void changeRelease(StoredApp app, StoredRelease release) {
        database.transaction(() -> {
            apps.save(app);
            apps.changeRelease(release);
        });
    }

    @Override
    public Optional<StoredRelease> release(String tenant, String app, int number) {
        return apps.release(tenant, app, number);
    }

    @Override
    public Optional<StoredRelease> releaseAfter(String tenant, String app, int number) {
        return apps.releaseAfter(tenant, app, number);
    }

    @Override
    public void deleteApp(String tenant, String app) {
        apps.delete(tenant, app);
    }

    @Override
    public List<StoredEnded> ended(String tenant, String app) {
        return ended.of(tenant, app);
    }

    @Override
    public void saveEnded(StoredEnded one) {
        ended.save(one);
    }

    @Override
    public void deleteEnded(String tenant, String app, String sandbox) {
        ended.delete(tenant, app, sandbox);
    }

    @Override
    public List<StoredLink> links() {
        return tenants.links();
    }

    @Override
    public boolean linked(String tenant, String other) {
        return tenants.linked(tenant, other);
    }

    @Override
    public void touch(String tenant) {
        tenants.touch(tenant);
    }

    @Override
    public void saveLink(StoredLink link) {
        tenants.saveLink(link);
    }

    @Override
    public void deleteLink(String tenant, String other) {
        tenants.deleteLink(tenant, other);
    }

    @Override
    public long appendEvent(Instant at, Optional<String> tenant, String kind, Map<String, String> details) {
        return events.append(at, tenant, kind, details);
    }

    @Override
    public List<StoredEvent> events(Optional<String> tenant, long since, int limit) {
        return events.after(tenant, since, limit);
    }

    @Override
    public long forgottenEvents(Optional<String> tenant) {
        return tenant.map(accounts::forgottenEvents).orElseGet(accounts::forgottenEvents);
    }

    @Override
    public Holdings holdings(String tenant) {
        return new Holdings(
                accounts.of(tenant, "app").items(),
                apps.mostReleases(tenant),
                accounts.of(tenant, "token").items(),
                accounts.bytes(tenant));
    }

    @Override
    public void close() {
        database.close();
    }
}
