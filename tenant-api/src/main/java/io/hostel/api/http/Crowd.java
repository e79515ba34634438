package io.hostel.api.http;

import java.util.HashMap;
import java.util.Map;

/** Bounds how many of something each of several parties has at a time, and all of them together. */
final class Crowd {
    private final int mostEach;
    private final int mostOfAll;
    private final Map<String, Integer> present = new HashMap<>();
    private int all;

    Crowd(int mostEach, int mostOfAll) {
        this.mostEach = mostEach;
        this.mostOfAll = mostOfAll;
    }

    /** Whether there is room for one more; it is counted until it leaves. */
    synchronized boolean enter(String who) {
        if (all >= mostOfAll || present.getOrDefault(who, 0) >= mostEach) {
            return false;
        }
        present.merge(who, 1, Integer::sum);
        all++;
        return true;
    }

    synchronized void leave(String who) {
        Integer left = present.computeIfPresent(who, (name, count) -> count == 1 ? null : count - 1);
        all--;
        if (all < 0 || (left != null && left < 0)) {
            throw new IllegalStateException(who + " left without having entered");
        }
    }
}
