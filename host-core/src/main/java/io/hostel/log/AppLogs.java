package io.hostel.log;

import io.hostel.api.LogLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One reader's view of an app's logs, of sandboxes yet to come too. Not for several threads at once. */
final class AppLogs {
    /** Looking for new sandboxes costs a directory listing; it is done at every so many looks. */
    private static final int LIST_EVERY = 4;

    private static final Comparator<LogLine> BY_TIME = Comparator.comparing(LogLine::time);

    /** Finds the logs there are. */
    interface Finder {
        List<SandboxLog> find() throws IOException;
    }

    private final Finder finder;
    private final Map<SandboxLog, LogCursor> cursors = new HashMap<>();
    private int looks;

    AppLogs(Finder finder) {
        this.finder = finder;
    }

    /** The newest lines of all, oldest first. Memory is bounded by twice the count, however many sandboxes there are. */
    List<LogLine> tail(int count) throws IOException {
        List<LogLine> newest = new ArrayList<>();
        for (SandboxLog log : finder.find()) {
            LogCursor cursor = log.cursor();
            cursors.put(log, cursor);
            newest.addAll(cursor.tail(count));
            newest.sort(BY_TIME);
            newest = new ArrayList<>(newest.subList(Math.max(0, newest.size() - count), newest.size()));
        }
        return newest;
    }

    /** What has come since; in the order of time within each look. */
    List<LogLine> next() throws IOException {
        if (++looks % LIST_EVERY == 0) {
            for (SandboxLog log : finder.find()) {
                cursors.computeIfAbsent(log, SandboxLog::cursor);
            }
        }
        List<LogLine> lines = new ArrayList<>();
        for (LogCursor cursor : cursors.values()) {
            lines.addAll(cursor.next());
        }
        lines.sort(BY_TIME);
        return lines;
    }
}
