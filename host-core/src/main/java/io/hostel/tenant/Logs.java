package io.hostel.tenant;

import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** What sandboxes wrote. */
public interface Logs {

    /** An app's lines, oldest first; with {@code follow} those of sandboxes that are yet to come, too. */
    Flow.Publisher<LogLine> lines(String tenant, String app, LogQuery query);

    /** The newest lines of one sandbox, oldest first; none where it wrote nothing. */
    CompletionStage<List<LogLine>> last(String tenant, String app, String sandbox, int lines);

    /** A tenant's logs are to take no more than so many bytes from now on. */
    void allow(String tenant, long bytes);

    /** Bytes that a tenant's logs took a few seconds ago. */
    long taken(String tenant);

    /** Takes an app's logs off the disk. */
    CompletionStage<Void> forget(String tenant, String app);

    /** The tenant is no more. */
    CompletionStage<Void> forget(String tenant);
}
