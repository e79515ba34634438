package io.hostel.config;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** Finds the key that somebody may have meant. */
final class NearestKey {
    private NearestKey() {}

    /** The known key with the fewest letters to change, where that is less than half of them. */
    static Optional<String> to(String key, Set<String> known) {
        return known.stream()
                .sorted()
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .filter(candidate -> distance(key, candidate) <= lastPart(key).length() / 2 + 1
                        || lastPart(candidate).equals(lastPart(key)))
                .or(() -> known.stream()
                        .sorted()
                        .filter(candidate -> lastPart(candidate).equals(lastPart(key)))
                        .findFirst());
    }

    private static String lastPart(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
