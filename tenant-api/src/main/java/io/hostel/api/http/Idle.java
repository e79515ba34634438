package io.hostel.api.http;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections that owe a request's head, {@value #MOST} at most: for one more the oldest has to go. An address that has half of
 * them makes room by itself. Safe for any thread.
 */
final class Idle<C> {
    static final int MOST = 128;

    private final Map<C, String> oldestFirst = new LinkedHashMap<>();

    /** @return who has to go, counted no more; null where there was room */
    synchronized @Nullable C add(C connection, String from) {
        oldestFirst.put(connection, from);
        if (oldestFirst.size() <= MOST) {
            return null;
        }
        long ofIts = oldestFirst.values().stream().filter(from::equals).count();
        Iterator<Map.Entry<C, String>> all = oldestFirst.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<C, String> each = all.next();
            if (2 * ofIts < MOST || each.getValue().equals(from)) {
                all.remove();
                return each.getKey();
            }
        }
        throw new IllegalStateException("there is nobody from " + from);
    }

    synchronized void remove(C connection) {
        oldestFirst.remove(connection);
    }

    synchronized int size() {
        return oldestFirst.size();
    }
}
