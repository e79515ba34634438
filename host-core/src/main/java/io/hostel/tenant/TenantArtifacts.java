package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.ArtifactView;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.QuotaField;
import io.hostel.store.ArtifactStore.Put;
import io.hostel.store.DesiredState.StoredArtifact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A tenant's artifacts and what they take of its quota. Confined to the tenant's actor. */
final class TenantArtifacts {
    private static final int MOST_UPLOADS = 4;

    private final ActorContext<TenantMessage> actor;
    private final Surroundings around;
    private final TenantChanges changes;
    private final Map<String, Put> held = new HashMap<>();
    /** Those of which it is certain that they are on the disk. */
    private final Set<String> recorded = new HashSet<>();
    /** Those of which a record may have been written although it failed. */
    private final Set<String> unsure = new HashSet<>();
    /** How many records of each are on their way to the disk. */
    private final Map<String, Integer> pending = new HashMap<>();
    private int uploads;

    TenantArtifacts(
            ActorContext<TenantMessage> actor,
            Surroundings around,
            TenantChanges changes,
            List<StoredArtifact> recorded) {
        this.actor = actor;
        this.around = around;
        this.changes = changes;
        recorded.forEach(a -> {
            held.put(a.digest(), new Put(a.digest(), a.size(), a.entries()));
            this.recorded.add(a.digest());
        });
        boundFiles();
    }

    boolean has(String digest) {
        return held.containsKey(digest);
    }

    long bytes() {
        return held.values().stream().mapToLong(Put::size).sum();
    }

    /** Files, directories and links, in these and in its sandboxes' writable layers. */
    long inodes() {
        return entries() + around.layers().files(changes.tenant().uidBase());
    }

    private long entries() {
        return held.values().stream().mapToLong(Put::entries).sum();
    }

    /** What these leave of the quota is for writable layers. */
    void boundFiles() {
        around.layers().mostFiles(changes.tenant().uidBase(), allowed(QuotaField.INODES) - entries());
    }

    Set<String> digests() {
        return Set.copyOf(held.keySet());
    }

    /** Whether no upload is under way. */
    boolean idle() {
        return uploads == 0;
    }

    /** Unpacked within the whole quota at first: only then is known whether the tenant has it already. */
    void put(TenantMessage.PutArtifact put) {
        if (uploads >= MOST_UPLOADS) {
            put.refuse(new Refusal.Unavailable(
                    MOST_UPLOADS + " uploads of this tenant are under way; try again when one is done."));
            return;
        }
        uploads++;
        actor.pipeToSelf(
                around.artifacts()
                        .put(
                                changes.tenant().id(),
                                put.format(),
                                put.body(),
                                allowed(QuotaField.ARTIFACTS),
                                allowed(QuotaField.INODES)),
                (artifact, failure) -> new TenantMessage.ArtifactUnpacked(put, artifact, failure));
    }

    void unpacked(TenantMessage.ArtifactUnpacked unpacked) {
        Put artifact = unpacked.artifact();
        if (artifact == null) {
            uploads--;
            unpacked.put().refuse(Faults.refusal(Objects.requireNonNull(unpacked.failure())));
            return;
        }
        boolean known = has(artifact.digest());
        Optional<Refusal> refusal = changes.tenant().deleting()
                ? Optional.of(deleting())
                : known ? Optional.empty() : over(artifact);
        if (refusal.isPresent()) {
            uploads--;
            around.artifacts().giveUp(changes.tenant().id(), known ? List.of() : List.of(artifact.digest()));
            unpacked.put().refuse(refusal.get());
            return;
        }
        if (recorded.contains(artifact.digest())) {
            uploads--;
            unpacked.put().done(new ArtifactView(artifact.digest(), artifact.size()));
            return;
        }
        held.put(artifact.digest(), artifact);
        boundFiles();
        record(unpacked.put(), artifact);
    }

    private long allowed(QuotaField field) {
        return changes.tenant().quota().of(field);
    }

    private void record(TenantMessage.PutArtifact put, Put artifact) {
        StoredArtifact stored = new StoredArtifact(
                changes.tenant().id(),
                artifact.digest(),
                artifact.size(),
                artifact.entries(),
                around.clock().instant());
        pending.merge(artifact.digest(), 1, Integer::sum);
        actor.pipeToSelf(
                around.records().submit(state -> {
                    state.createArtifact(stored);
                    return true;
                }),
                (done, failure) -> new TenantMessage.ArtifactRecorded(
                        put, new ArtifactView(artifact.digest(), artifact.size()), failure));
    }

    /** Where it is unknown whether the record was written the claim stays: it counts, and goes with the tenant. */
    void recorded(TenantMessage.ArtifactRecorded answer) {
        uploads--;
        String digest = answer.artifact().digest();
        int others = pending.getOrDefault(digest, 1) - 1;
        if (others == 0) {
            pending.remove(digest);
        } else {
            pending.put(digest, others);
        }
        Throwable failure = answer.failure();
        if (failure == null) {
            recorded.add(digest);
            answer.put().done(answer.artifact());
            return;
        }
        if (!(Faults.cause(failure) instanceof RefusedException)) {
            unsure.add(digest);
        } else if (others == 0 && !recorded.contains(digest) && !unsure.contains(digest)) { // surely not written
            held.remove(digest);
            boundFiles();
            around.artifacts().giveUp(changes.tenant().id(), List.of(digest));
        }
        answer.put().refuse(Faults.refusal(failure));
    }

    private Optional<Refusal> over(Put artifact) {
        long bytes = allowed(QuotaField.ARTIFACTS);
        if (artifact.size() > bytes - bytes()) {
            return Optional.of(new Refusal.TooLarge("The artifact takes " + artifact.size() + " bytes unpacked; of the "
                    + bytes + " that the tenant may use for artifacts, " + bytes() + " are in use."));
        }
        long inodes = allowed(QuotaField.INODES);
        long used = inodes();
        if (artifact.entries() > inodes - used) {
            return Optional.of(new Refusal.TooLarge("The artifact has " + artifact.entries()
                    + " files and directories; of the " + inodes + " inodes that the tenant may use, " + used
                    + " are in use."));
        }
        return Optional.empty();
    }

    private Refusal deleting() {
        return new Refusal.Conflict("deleting", "Tenant " + changes.tenant().id() + " is being deleted.");
    }
}
