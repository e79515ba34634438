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

    /** Takes an app's logs off the disk. */
    CompletionStage<Void> forget(String tenant, String app);
}
