package io.hostel.log;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds a log's newest lines, from its end backwards. Not for several threads at once. */
final class NewestSpans {
    /** Further back than this it does not look, whatever it has found. */
    private static final long MOST_BYTES = 8 << 20;

    private final Deque<LogSpan> found = new ArrayDeque<>();
    private final Map<String, LogSpan> begun = new HashMap<>();
    private int left;
    private long bytes;
    private boolean done;

    /** @param count of lines that have an end */
    NewestSpans(int count) {
        left = count;
    }

    void collect(BackwardLines backward, boolean older) throws IOException {
        while (!done && bytes <= MOST_BYTES) {
            byte @Nullable [] line = backward.previous();
            if (line == null) {
                break;
            }
            bytes += line.length;
            Optional<CriLine> head = CriLine.head(line);
            if (head.isPresent()) {
                add(head.get(), new LogSpan(
                        CriLine.nanos(head.get().time()),
                        older,
                        backward.start(),
                        line.length + 1,
                        !head.get().partial(),
                        true));
            }
        }
        begun.values().forEach(found::addFirst); // a line's parts in the other file are a span of their own
        begun.clear();
    }

    private void add(CriLine head, LogSpan part) {
        LogSpan rest = begun.get(head.stream());
        if (head.partial() && rest != null && rest.start() + rest.length() - part.start() <= LogSpan.MOST) {
            begun.put(
                    head.stream(),
                    new LogSpan(
                            part.time(),
                            part.older(),
                            part.start(),
                            (int) (rest.start() + rest.length() - part.start()),
                            rest.whole(),
                            false));
            return;
        }
        if (rest != null) {
            found.addFirst(rest);
            begun.remove(head.stream());
        }
        if (!head.partial()) {
            if (left == 0) {
                done = true; // so that the one before is whole
                return;
            }
            left--;
        }
        begun.put(head.stream(), part);
    }

    List<LogSpan> oldestFirst() {
        return new ArrayList<>(found);
    }
}
