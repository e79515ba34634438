package io.hostel.store;

import io.hostel.api.LastExit;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseView;
import io.hostel.config.Quota;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What tenants and the operator want, in SQL. Every method blocks, and belongs on the store's own thread; every change has
 * reached the disk when its method returns.
 *
 * <p>All methods fail with {@link StoreException}: {@link StoreException.DiskFull} where there is no room.
 */
public interface DesiredState extends AutoCloseable {

    /** What the work changes reaches the disk as one, in one write, or not at all. */
    void together(Runnable work);

    /** Runs when what has been changed so far is on the disk, never if that fails. */
    void onceStored(Runnable what);

    /** Runs when what has been changed {@link #together} so far has failed, never if it is on the disk. */
    void onceUndone(Runnable what);

    /**
     * Writes all of it as it is now to a database file of its own, with all else that is in the database.
     *
     * @param copy an empty file
     */
    void copyTo(Path copy);

    List<StoredTenant> tenants();

    Optional<StoredTenant> tenant(String id);

    void createTenant(StoredTenant tenant, StoredToken firstToken);

    void changeTenant(StoredTenant tenant);

    /** Forgets the tenant with its tokens, apps, releases, links and claims on artifacts. */
    void deleteTenant(String tenant);

    List<StoredToken> tokens();

    List<StoredToken> tokens(String tenant);

    /**
     * Those of the tenant that have expired are forgotten.
     *
     * @return the forgotten ones
     * @throws RefusedException OverQuota where it has more than it may
     */
    List<StoredToken> createToken(StoredToken token);

    void deleteToken(String tenant, String id);

    List<StoredArtifact> artifacts();

    /** @throws RefusedException OverQuota where the tenant has more in here than it may */
    void createArtifact(StoredArtifact artifact);

    List<StoredApp> apps(String tenant);

    Optional<StoredApp> app(String tenant, String app);

    /** Creates the app or replaces all its fields. */
    void saveApp(StoredApp app);

    /**
     * Creates a release and saves its app, in one transaction. Older ones than the tenant's quota keeps are forgotten.
     *
     * @throws RefusedException OverQuota where the tenant has more in here than it may
     */
    void createRelease(StoredApp app, StoredRelease release);

    /** Changes a release's status and reason, and saves its app, in one transaction; its spec stays as it was created. */
    void changeRelease(StoredApp app, StoredRelease release);

    /** Empty where there was none, or it has been forgotten. */
    Optional<StoredRelease> release(String tenant, String app, int number);

    /** The next one by number that is there. */
    Optional<StoredRelease> releaseAfter(String tenant, String app, int number);

    void deleteApp(String tenant, String app);

    /** An app's sandboxes that have ended for good, in the order of their starts. */
    List<StoredEnded> ended(String tenant, String app);

    /** Keeps what became of a sandbox of a recorded app. */
    void saveEnded(StoredEnded ended);

    /** Forgets one; one that is not there is no error. */
    void deleteEnded(String tenant, String app, String sandbox);

    List<StoredLink> links();

    /** Whether both have said so. */
    boolean linked(String tenant, String other);

    /** Writes what is there once more: takes as long as a change. */
    void touch(String tenant);

    void saveLink(StoredLink link);

    void deleteLink(String tenant, String other);

    /** Appends an event and returns its sequence number. */
    long appendEvent(Instant at, Optional<String> tenant, String kind, Map<String, String> details);

    /** Events after a sequence number, oldest first, at most {@code limit}, and fewer where they are large. */
    List<StoredEvent> events(Optional<String> tenant, long since, int limit);

    /** Up to which number events have been forgotten, if not all of them; 0 while all are there. */
    long forgottenEvents(Optional<String> tenant);

    Holdings holdings(String tenant);

    @Override
    void close();

    /**
     * @param number its mark in the packet filter, from 1, unique among the tenants there are; uidBase follows from it
     * @param blocks indexes of its address blocks within the network, the first one first
     * @param deleting it is on its way out: nothing is started any more
     */
    record StoredTenant(String id, int number, int uidBase, List<Integer> blocks, Quota quota, boolean deleting) {
        public StoredTenant {
            blocks = List.copyOf(blocks);
        }
    }

    /** @param hash SHA-256 of the secret, hex; the secret itself is nowhere */
    record StoredToken(
            String id, String tenant, String label, String hash, Instant createdAt, Optional<Instant> expiresAt) {}

    /** @param size bytes unpacked */
    /** @param entries files, directories and links in it */
    record StoredArtifact(String tenant, String digest, long size, long entries, Instant createdAt) {}

    /**
     * @param live number of the live release, 0 while none is
     * @param latest number of the newest release
     * @param scales wanted sandboxes by process, of the live release
     * @param ports published ports by process
     */
    record StoredApp(
            String tenant,
            String app,
            int live,
            int latest,
            Map<String, Integer> scales,
            Map<String, Integer> ports,
            boolean deleting) {
        public StoredApp {
            scales = Map.copyOf(scales);
            ports = Map.copyOf(ports);
        }
    }

    /**
     * What a tenant has in here.
     *
     * @param mostReleases of the app that has the most
     * @param bytes in all, as {@code quota.state} counts
     */
    record Holdings(long apps, long mostReleases, long tokens, long bytes) {}

    record StoredRelease(String tenant, String app, ReleaseView release) {}

    /** What became of a sandbox that ended by itself and is not to run again. */
    record StoredEnded(
            String tenant,
            String app,
            String sandbox,
            String process,
            int release,
            int restarts,
            Optional<Instant> startedAt,
            Optional<Instant> readyAt,
            Optional<LastExit> lastExit) {}

    /** One side's word that two tenants' sandboxes may reach each other. */
    record StoredLink(String tenant, String other) {}

    record StoredEvent(long sequence, Instant at, Optional<String> tenant, String kind, Map<String, String> details) {
        public StoredEvent {
            details = Map.copyOf(details);
        }
    }
}
