package io.hostel.tenant;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseView;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import io.hostel.store.DesiredState;
import io.hostel.store.StoreException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Desired state in memory, and the thread before it: works run at once, on whoever's thread. A test can have calls fail, with
 * or without their effect.
 */
final class FakeState implements DesiredState, Records {
    private final Map<String, StoredTenant> tenants = new TreeMap<>();
    private final Map<String, StoredToken> tokens = new LinkedHashMap<>();
    private final Map<String, StoredArtifact> artifacts = new LinkedHashMap<>();
    private final Map<String, StoredApp> apps = new TreeMap<>();
    private final Map<String, StoredRelease> releases = new TreeMap<>();
    private final Map<String, StoredEnded> ended = new TreeMap<>();
    private final Set<StoredLink> links = new LinkedHashSet<>();
    private final List<StoredEvent> events = new ArrayList<>();
    private long sequence;
    private long forgotten;
    private String failing = "";
    private int failures;
    private int asked;
    private boolean withEffect;
    private Optional<Refusal> refusal = Optional.empty();
    private boolean stalled;
    private final List<Runnable> undone = new ArrayList<>();
    private final Queue<Runnable> late = new ArrayDeque<>();

    /** The next calls of that name fail. */
    synchronized void failBefore(String call, int times) {
        failing = call;
        failures = times;
        withEffect = false;
        refusal = Optional.empty();
    }

    /** The next calls of that name are refused, as where something does not fit. */
    synchronized void refuse(String call, int times, Refusal why) {
        failBefore(call, times);
        refusal = Optional.of(why);
    }

    /** The next calls of that name do what they are to do, and fail. */
    synchronized void failAfter(String call, int times) {
        failBefore(call, times);
        withEffect = true;
    }

    /** How often it was asked for one app. */
    synchronized int asked() {
        return asked;
    }

    synchronized boolean faultsOver() {
        return failures == 0;
    }

    @Override
    public void together(Runnable work) {
        work.run();
    }

    @Override
    public void onceStored(Runnable what) {
        what.run();
    }

    @Override
    public void onceUndone(Runnable what) {
        undone.add(what);
    }

    @Override
    public void copyTo(Path copy) {
        throw new UnsupportedOperationException("it is in memory");
    }

    /** From now on nothing is done until {@link #catchUp}. */
    synchronized void stall() {
        stalled = true;
    }

    /** How many works wait for {@link #catchUp}. */
    synchronized int late() {
        return late.size();
    }

    synchronized void catchUp() {
        stalled = false;
        for (Runnable work = late.poll(); work != null; work = late.poll()) {
            work.run();
        }
    }

    @Override
    public synchronized <T> CompletionStage<T> submit(Function<DesiredState, T> work) {
        if (stalled) {
            CompletableFuture<T> later = new CompletableFuture<>();
            late.add(() -> submit(work).whenComplete((done, failure) -> {
                if (failure == null) {
                    later.complete(done);
                } else {
                    later.completeExceptionally(failure);
                }
            }));
            return later;
        }
        undone.clear();
        try {
            return CompletableFuture.completedStage(work.apply(this));
        } catch (RuntimeException e) {
            undone.forEach(Runnable::run);
            return CompletableFuture.failedStage(e);
        }
    }

    private void change(String call, Runnable effect) {
        boolean fails = failures > 0 && call.equals(failing);
        if (fails) {
            failures--;
        }
        if (!fails || withEffect) {
            effect.run();
        }
        if (fails && refusal.isPresent()) {
            throw new RefusedException(refusal.get());
        } else if (fails) {
            throw new StoreException(call + ": a scripted fault", null);
        }
    }

    @Override
    public synchronized List<StoredTenant> tenants() {
        return List.copyOf(tenants.values());
    }

    @Override
    public synchronized Optional<StoredTenant> tenant(String id) {
        return Optional.ofNullable(tenants.get(id));
    }

    @Override
    public synchronized void createTenant(StoredTenant tenant, StoredToken firstToken) {
        change("createTenant", () -> {
            tenants.put(tenant.id(), tenant);
            tokens.put(tenant.id() + "/" + firstToken.id(), firstToken);
        });
    }

    @Override
    public synchronized void changeTenant(StoredTenant tenant) {
        change("changeTenant", () -> tenants.put(tenant.id(), tenant));
    }

    @Override
    public synchronized void deleteTenant(String tenant) {
        change("deleteTenant", () -> {
            tenants.remove(tenant);
            tokens.values().removeIf(t -> t.tenant().equals(tenant));
            artifacts.values().removeIf(a -> a.tenant().equals(tenant));
            apps.values().removeIf(a -> a.tenant().equals(tenant));
            releases.values().removeIf(r -> r.tenant().equals(tenant));
            links.removeIf(l -> l.tenant().equals(tenant) || l.other().equals(tenant));
        });
    }

    @Override
    public synchronized List<StoredToken> tokens() {
        return List.copyOf(tokens.values());
    }

    @Override
    public synchronized List<StoredToken> tokens(String tenant) {
        return tokens.values().stream().filter(t -> t.tenant().equals(tenant)).toList();
    }

    @Override
    public synchronized List<StoredToken> createToken(StoredToken token) {
        change("createToken", () -> tokens.put(token.tenant() + "/" + token.id(), token));
        return List.of();
    }

    @Override
    public synchronized void deleteToken(String tenant, String id) {
        change("deleteToken", () -> tokens.remove(tenant + "/" + id));
    }

    @Override
    public synchronized List<StoredArtifact> artifacts() {
        return List.copyOf(artifacts.values());
    }

    @Override
    public synchronized void createArtifact(StoredArtifact artifact) {
        change("createArtifact", () -> artifacts.putIfAbsent(artifact.tenant() + "/" + artifact.digest(), artifact));
    }

    @Override
    public synchronized List<StoredApp> apps(String tenant) {
        return apps.values().stream().filter(a -> a.tenant().equals(tenant)).toList();
    }

    @Override
    public synchronized Optional<StoredApp> app(String tenant, String app) {
        asked++;
        return Optional.ofNullable(apps.get(tenant + "/" + app));
    }

    @Override
    public synchronized void saveApp(StoredApp app) {
        change("saveApp", () -> apps.put(key(app), app));
    }

    @Override
    public synchronized void createRelease(StoredApp app, StoredRelease release) {
        change("createRelease", () -> create(app, release));
    }

    @Override
    public synchronized void changeRelease(StoredApp app, StoredRelease release) {
        change("changeRelease", () -> change(app, release.release()));
    }

    private void create(StoredApp app, StoredRelease release) {
        Quota quota = Objects.requireNonNull(tenants.get(app.tenant())).quota();
        apps.put(key(app), app);
        releases.put(key(app, release.release().release()), release);
        List<ReleaseView> older = releases(app.tenant(), app.app()).stream()
                .filter(r -> r.release() != app.live() && r.release() != app.latest())
                .toList();
        int kept = (int) quota.of(QuotaField.RELEASES);
        older.subList(0, Math.max(0, older.size() - kept))
                .forEach(r -> releases.remove(key(app, r.release())));
    }

    private void change(StoredApp app, ReleaseView now) {
        if (!releases.containsKey(key(app, now.release()))) {
            throw new StoreException("there is no release " + now.release() + " of " + key(app) + " to change", null);
        }
        apps.put(key(app), app);
        releases.computeIfPresent(
                key(app, now.release()),
                (key, there) -> new StoredRelease(
                        there.tenant(),
                        there.app(),
                        new ReleaseView(
                                now.release(),
                                now.status(),
                                now.reason(),
                                now.createdAt(),
                                there.release().spec())));
    }

    @Override
    public synchronized Optional<StoredRelease> release(String tenant, String app, int number) {
        return Optional.ofNullable(releases.get(key(tenant, app, number)));
    }

    @Override
    public synchronized Optional<StoredRelease> releaseAfter(String tenant, String app, int number) {
        return releases(tenant, app).stream()
                .filter(r -> r.release() > number)
                .findFirst()
                .flatMap(r -> release(tenant, app, r.release()));
    }

    synchronized List<ReleaseView> releases(String tenant, String app) {
        return releases.values().stream()
                .filter(r -> r.tenant().equals(tenant) && r.app().equals(app))
                .map(StoredRelease::release)
                .toList();
    }

    synchronized List<ReleaseView.Status> statuses(String tenant, String app) {
        return releases(tenant, app).stream().map(ReleaseView::status).toList();
    }

    @Override
    public synchronized void deleteApp(String tenant, String app) {
        change("deleteApp", () -> {
            apps.remove(tenant + "/" + app);
            releases.values().removeIf(r -> r.tenant().equals(tenant) && r.app().equals(app));
        });
    }

    @Override
    public synchronized List<StoredEnded> ended(String tenant, String app) {
        return ended.values().stream()
                .filter(e -> e.tenant().equals(tenant) && e.app().equals(app))
                .toList();
    }

    @Override
    public synchronized void saveEnded(StoredEnded one) {
        change("saveEnded", () -> ended.put(one.sandbox(), one));
    }

    @Override
    public synchronized void deleteEnded(String tenant, String app, String sandbox) {
        change("deleteEnded", () -> ended.remove(sandbox));
    }

    @Override
    public synchronized List<StoredLink> links() {
        return List.copyOf(links);
    }

    @Override
    public synchronized boolean linked(String tenant, String other) {
        return links.contains(new StoredLink(tenant, other)) && links.contains(new StoredLink(other, tenant));
    }

    @Override
    public void touch(String tenant) {}

    @Override
    public synchronized void saveLink(StoredLink link) {
        change("saveLink", () -> links.add(link));
    }

    @Override
    public synchronized void deleteLink(String tenant, String other) {
        change("deleteLink", () -> links.remove(new StoredLink(tenant, other)));
    }

    @Override
    public synchronized long appendEvent(
            Instant at, Optional<String> tenant, String kind, Map<String, String> details) {
        change("appendEvent", () -> events.add(new StoredEvent(++sequence, at, tenant, kind, details)));
        return sequence;
    }

    @Override
    public synchronized List<StoredEvent> events(Optional<String> tenant, long since, int limit) {
        return events.stream()
                .filter(e -> e.sequence() > since && (tenant.isEmpty() || tenant.equals(e.tenant())))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized long forgottenEvents(Optional<String> tenant) {
        return forgotten;
    }

    /** All up to a number. */
    synchronized void forgetEvents(long to) {
        events.removeIf(e -> e.sequence() <= to);
        forgotten = to;
    }

    @Override
    public synchronized Holdings holdings(String tenant) {
        return new Holdings(
                apps(tenant).size(),
                apps(tenant).stream()
                        .mapToLong(a -> releases(tenant, a.app()).size())
                        .max()
                        .orElse(0),
                tokens(tenant).size(),
                releases.values().stream()
                        .filter(r -> r.tenant().equals(tenant))
                        .mapToLong(r -> r.release().spec().bytes())
                        .sum());
    }

    @Override
    public void close() {}

    private static String key(StoredApp app, int release) {
        return key(app.tenant(), app.app(), release);
    }

    private static String key(String tenant, String app, int release) {
        return tenant + "/" + app + "/" + String.format("%06d", release);
    }

    private static String key(StoredApp app) {
        return app.tenant() + "/" + app.app();
    }
}
