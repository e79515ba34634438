package io.hostel.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    public SqliteDesiredState(Database database) {
        this.database = database;
        this.tenants = new TenantTable(database);
        this.apps = new AppTable(database);
        this.ended = new EndedTable(database);
        this.events = new EventTable(database);
    }

    /** @throws StoreException as {@link Database#open} */
    public static SqliteDesiredState open(Path stateDir) {
        return new SqliteDesiredState(Database.open(stateDir));
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
    public void createToken(StoredToken token) {
        tenants.createToken(token);
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
        apps.createArtifact(artifact);
    }

    @Override
    public List<StoredApp> apps(String tenant) {
        return apps.apps(tenant);
    }

    @Override
    public void saveApp(StoredApp app) {
        apps.save(app);
    }

    @Override
    public void createRelease(StoredApp app, StoredRelease release) {
        database.transaction(() -> {
            apps.save(app);
            apps.createRelease(release);
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
    public List<StoredRelease> releases(String tenant, String app) {
        return apps.releases(tenant, app);
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
    public void close() {
        database.close();
    }
}
