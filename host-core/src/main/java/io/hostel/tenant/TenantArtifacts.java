package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.ArtifactView;
import io.hostel.api.Refusal;
import io.hostel.config.QuotaField;
import io.hostel.store.DesiredState.StoredArtifact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A tenant's artifacts and what they take of its quota. Confined to the tenant's actor. */
final class TenantArtifacts {
    private static final int MOST_UPLOADS = 4;

    private final ActorContext<TenantMessage> actor;
    private final Surroundings around;
    private final TenantChanges changes;
    private final Map<String, Long> bytes;
    private int uploads;

    TenantArtifacts(
            ActorContext<TenantMessage> actor, Surroundings around, TenantChanges changes, Map<String, Long> recorded) {
        this.actor = actor;
        this.around = around;
        this.changes = changes;
        this.bytes = new HashMap<>(recorded);
    }

    boolean has(String digest) {
        return bytes.containsKey(digest);
    }

    long bytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    Set<String> digests() {
        return Set.copyOf(bytes.keySet());
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
                                changes.tenant().quota().of(QuotaField.ARTIFACTS)),
                (artifact, failure) -> new TenantMessage.ArtifactUnpacked(put, artifact, failure));
    }

    void unpacked(TenantMessage.ArtifactUnpacked unpacked) {
        ArtifactView artifact = unpacked.artifact();
        if (artifact == null) {
            uploads--;
            unpacked.put().refuse(Faults.refusal(Objects.requireNonNull(unpacked.failure())));
            return;
        }
        long allowed = changes.tenant().quota().of(QuotaField.ARTIFACTS);
        boolean known = has(artifact.digest());
        if (changes.tenant().deleting() || !known && artifact.size() > allowed - bytes()) {
            uploads--;
            around.artifacts().giveUp(changes.tenant().id(), known ? List.of() : List.of(artifact.digest()));
            unpacked.put().refuse(changes.tenant().deleting() ? deleting() : over(artifact.size(), allowed));
            return;
        }
        bytes.put(artifact.digest(), artifact.size());
        record(unpacked.put(), artifact);
    }

    private void record(TenantMessage.PutArtifact put, ArtifactView artifact) {
        StoredArtifact stored = new StoredArtifact(
                changes.tenant().id(),
                artifact.digest(),
                artifact.size(),
                around.clock().instant());
        actor.pipeToSelf(
                around.records().submit(state -> {
                    state.createArtifact(stored);
                    return true;
                }),
                (done, failure) -> new TenantMessage.ArtifactRecorded(put, artifact, failure));
    }

    /** Where it is unknown whether the record was written the claim stays: it counts, and goes with the tenant. */
    void recorded(TenantMessage.ArtifactRecorded recorded) {
        uploads--;
        if (recorded.failure() == null) {
            recorded.put().done(recorded.artifact());
        } else {
            recorded.put().refuse(Faults.refusal(recorded.failure()));
        }
    }

    private Refusal over(long size, long allowed) {
        return new Refusal.TooLarge("The artifact takes " + size + " bytes unpacked; of the " + allowed
                + " that the tenant may use for artifacts, " + bytes() + " are in use.");
    }

    private Refusal deleting() {
        return new Refusal.Conflict("deleting", "Tenant " + changes.tenant().id() + " is being deleted.");
    }
}
