package io.hostel.tenant;

import io.hostel.store.DesiredState.StoredEnded;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what became of an app's sandboxes that are not to run again, so that a later daemon does not run them again. */
final class EndedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(EndedRecords.class);

    private final Records records;
    private final String tenant;
    private final String app;

    EndedRecords(Records records, String tenant, String app) {
        this.records = records;
        this.tenant = tenant;
        this.app = app;
    }

    void save(Placed sandbox) {
        StoredEnded ended = new StoredEnded(
                tenant,
                app,
                sandbox.id,
                sandbox.slot.process(),
                sandbox.slot.release(),
                sandbox.restarts(),
                sandbox.startedAt(),
                sandbox.readyAt(),
                sandbox.lastExit());
        warn(sandbox.id, records.submit(state -> {
            state.saveEnded(ended);
            return true;
        }));
    }

    CompletionStage<Boolean> forget(String sandbox) {
        CompletionStage<Boolean> forgotten = records.submit(state -> {
            state.deleteEnded(tenant, app, sandbox);
            return true;
        });
        warn(sandbox, forgotten);
        return forgotten;
    }

    private void warn(String sandbox, CompletionStage<Boolean> stage) {
        stage.whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("record the end of sandbox {}: {}", sandbox, failure.getMessage());
            }
        });
    }
}
