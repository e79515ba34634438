package io.hostel.tenant;

import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredEnded;
import java.util.List;

/** What is recorded of an app when its actor starts: itself, and its sandboxes that have ended for good. */
record KnownApp(AppRecord record, List<StoredEnded> ended) {
    KnownApp {
        ended = List.copyOf(ended);
    }

    static KnownApp none(String tenant, String app) {
        return new KnownApp(AppRecord.none(tenant, app), List.of());
    }

    static KnownApp read(DesiredState state, StoredApp app) {
        return new KnownApp(AppRecord.read(state, app), state.ended(app.tenant(), app.app()));
    }

    static KnownApp read(DesiredState state, String tenant, String app) {
        return state.app(tenant, app).map(a -> read(state, a)).orElseGet(() -> none(tenant, app));
    }
}
