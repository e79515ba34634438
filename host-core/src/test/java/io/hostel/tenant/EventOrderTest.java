package io.hostel.tenant;

import static io.hostel.tenant.Town.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredEvent;
import io.hostel.store.SqliteDesiredState;
import io.hostel.store.StoreThread;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that wait to be written, and changes that come meanwhile, on a real database. */
class EventOrderTest {
    @TempDir
    Path directory;

    private StoreThread store;
    private Records records;
    private EventLog events;

    @BeforeEach
    void open() {
        store = new StoreThread(SqliteDesiredState.open(directory));
        records = Records.on(store);
        events = new EventLog(records, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void note(String kind) {
        events.note(Optional.empty(), kind, Map.of());
    }

    private void append(DesiredState state, String kind) {
        events.append(state, Optional.empty(), kind, Map.of());
    }

    private List<String> kinds() {
        return records.submit(state -> state.events(Optional.empty(), 0, 100).stream()
                        .map(StoredEvent::kind)
                        .toList())
                .toCompletableFuture()
                .join();
    }

    @Test
    void whatWasHandedInBeforeAChangeComesBeforeIt() {
        note("first");
        note("second");
        records.submit(state -> {
                    append(state, "change");
                    return true;
                })
                .toCompletableFuture()
                .join();
        note("third");

        eventually(() -> assertThat(kinds()).containsExactly("first", "second", "change", "third"));
    }

    @Test
    void aChangeThatFailsLosesNothingThatWasHandedInAndKeepsItsOrder() {
        note("first");
        note("second");
        var change = records.submit(state -> {
            append(state, "change");
            note("third");
            append(state, "another");
            throw new IllegalStateException("the change comes to nothing, as the test wants");
        });
        assertThatThrownBy(change.toCompletableFuture()::join).hasMessageContaining("as the test wants");

        eventually(() -> assertThat(kinds()).containsExactly("first", "second", "third"));
    }
}
