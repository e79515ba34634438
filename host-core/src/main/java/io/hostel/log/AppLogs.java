package io.hostel.log;

import io.hostel.api.LogLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One reader's view of an app's logs, of sandboxes yet to come too. It holds positions and not lines: eight bytes for each line of
 * the tail that is still to be read, and some hundred for each log. Not for several threads at once.
 */
final class AppLogs {
    /** So much is read at once, of one log or of several. */
    private static final int BATCH = LogCursor.PIECE;

    private static final Comparator<LogLine> BY_TIME = Comparator.comparing(LogLine::time);

    /** Finds the logs there are. */
    interface Finder {
        List<SandboxLog> find() throws IOException;
    }

    private record Found(int log, LogSpan span) {}

    private final Finder finder;
    private final List<LogCursor> cursors = new ArrayList<>();
    private final Map<String, LogCursor> byName = new LinkedHashMap<>();
    private final Set<String> written = new LinkedHashSet<>();
    /** Logs that are no business of this reader. */
    private final Set<String> others = new HashSet<>();

    private long[] tail = {};
    private int at;

    AppLogs(Finder finder) {
        this.finder = finder;
    }

    /** Finds the newest lines of all; {@link #tail()} reads them. */
    void begin(int count) throws IOException {
        List<Found> newest = new ArrayList<>();
        for (SandboxLog log : finder.find()) {
            LogCursor cursor = known(log);
            for (LogSpan span : cursor.newest(count)) {
                newest.add(new Found(cursors.indexOf(cursor), span));
            }
            if (newest.size() > 2 * count) {
                cut(newest, count);
            }
        }
        cut(newest, count);
        tail = packed(newest);
    }

    private LogCursor known(SandboxLog log) {
        return byName.computeIfAbsent(log.name(), name -> {
            LogCursor cursor = log.cursor();
            cursors.add(cursor);
            return cursor;
        });
    }

    private static void cut(List<Found> spans, int count) {
        spans.sort(Comparator.comparingLong(found -> found.span().time()));
        long[] over = {spans.stream().filter(found -> found.span().whole()).count() - count};
        spans.removeIf(found -> found.span().whole() && over[0]-- > 0);
    }

    private static long[] packed(List<Found> spans) {
        long[] packed = new long[spans.size()];
        int used = 0;
        for (int i = 0; i < spans.size(); ) {
            int log = spans.get(i).log();
            LogSpan span = spans.get(i++).span();
            while (i < spans.size() && spans.get(i).log() == log) {
                LogSpan both = span.with(spans.get(i).span(), BATCH);
                if (both == null) {
                    break;
                }
                span = both;
                i++;
            }
            if (log < LogSpan.MOST_LOGS && span.fits()) {
                packed[used++] = span.packed(log);
            }
        }
        return java.util.Arrays.copyOf(packed, used);
    }

    /** The next lines of the tail, oldest first; none once all have been read. */
    List<LogLine> tail() throws IOException {
        List<LogLine> lines = List.of();
        while (lines.isEmpty() && at < tail.length) {
            long next = tail[at++];
            lines = cursors.get(LogSpan.log(next)).read(LogSpan.unpacked(next));
        }
        if (at == tail.length) {
            tail = new long[0];
            at = 0;
        }
        return lines;
    }

    /** @param names of files that may have been written; empty: any */
    void written(Set<String> names) throws IOException {
        if (names.isEmpty() || names.stream().anyMatch(name -> name.endsWith(".process"))) {
            others.clear(); // only with that file it is known whose a log is
        }
        Set<String> unknown = new LinkedHashSet<>();
        for (String each : names) {
            String name = each.endsWith(".1") ? each.substring(0, each.length() - 2) : each;
            if (byName.containsKey(name)) {
                written.add(name);
            } else if (name.endsWith(".log") && !others.contains(name)) {
                unknown.add(name);
            }
        }
        if (names.isEmpty() || !unknown.isEmpty()) {
            finder.find().forEach(this::known);
            unknown.forEach(name -> (byName.containsKey(name) ? written : others).add(name));
        }
        if (names.isEmpty()) {
            written.addAll(byName.keySet());
        }
    }

    /** What has come since, as far as {@link #written} told where, a batch at a time and in the order of time within it. */
    List<LogLine> next() throws IOException {
        List<LogLine> lines = new ArrayList<>();
        int characters = 0;
        while (characters < BATCH && !written.isEmpty()) {
            String name = written.iterator().next();
            written.remove(name);
            LogCursor cursor = byName.get(name);
            if (cursor == null) {
                continue;
            }
            Object before = cursor.position();
            for (LogLine line : cursor.next()) {
                lines.add(line);
                characters += line.line().length();
            }
            if (!cursor.position().equals(before)) {
                written.add(name); // last in turn: there may be more
            }
        }
        lines.sort(BY_TIME);
        return lines;
    }
}
