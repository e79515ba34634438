package io.hostel.tenant;

import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Flow;

/** Every sandbox has written one line; which apps' logs are gone is remembered. */
final class FakeLogs implements Logs {
    final Map<String, Long> allowed = new ConcurrentHashMap<>();
    final Map<String, Long> taken = new ConcurrentHashMap<>();
    final Set<String> forgotten = new ConcurrentSkipListSet<>();

    @Override
    public Flow.Publisher<LogLine> lines(String tenant, String app, LogQuery query) {
        return Flow.Subscriber::onComplete;
    }

    @Override
    public CompletionStage<List<LogLine>> last(String tenant, String app, String sandbox, int lines) {
        return CompletableFuture.completedStage(
                List.of(new LogLine(Instant.EPOCH, sandbox, "web", "stderr", "no such module: flask")));
    }

    @Override
    public void allow(String tenant, long bytes) {
        allowed.put(tenant, bytes);
    }

    @Override
    public long taken(String tenant) {
        return taken.getOrDefault(tenant, 0L);
    }

    @Override
    public CompletionStage<Void> forget(String tenant, String app) {
        forgotten.add(tenant + "/" + app);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> forget(String tenant) {
        allowed.remove(tenant);
        forgotten.add(tenant);
        return CompletableFuture.completedStage(null);
    }
}
