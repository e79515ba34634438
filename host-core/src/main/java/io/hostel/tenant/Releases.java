package io.hostel.tenant;

import akka.NotUsed;
import akka.japi.Pair;
import akka.stream.javadsl.Source;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseView;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredRelease;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Apps' releases, whole, read from the store when somebody asks: one at a time, since a tenant says how large they are. */
final class Releases {
    private final Records records;

    Releases(Records records) {
        this.records = records;
    }

    /** By number, as they are there when they are read. */
    Source<ReleaseView, NotUsed> all(String tenant, String app) {
        return Source.unfoldAsync(
                0,
                after -> records.submit(state -> after(state, tenant, app, after))
                        .thenApply(next -> next.map(release -> Pair.create(release.release(), release))));
    }

    private static Optional<ReleaseView> after(DesiredState state, String tenant, String app, int number) {
        return state.app(tenant, app)
                .flatMap(there -> state.releaseAfter(tenant, app, number)
                        .map(StoredRelease::release)
                        .map(release -> AppRecord.settled(there, release)));
    }

    /** Fails with RefusedException: NotFound where there never was one, Forgotten where there is none any more. */
    CompletionStage<ReleaseView> one(String tenant, String app, int number) {
        return records.submit(state -> {
            StoredApp there = state.app(tenant, app)
                    .orElseThrow(() -> new RefusedException(new Refusal.NotFound("There is no app " + app + ".")));
            return state.release(tenant, app, number)
                    .map(stored -> AppRecord.settled(there, stored.release()))
                    .orElseThrow(() -> new RefusedException(
                            number > 0 && number <= there.latest()
                                    ? new Refusal.Forgotten("Release " + number + " of app " + app
                                            + " has been forgotten: of the older ones only the newest are kept.")
                                    : new Refusal.NotFound("App " + app + " has no release " + number + ".")));
        });
    }
}
