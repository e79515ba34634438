package io.hostel.api.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form of a path, e.g. {@code /v1/tenants/{tenant}}. A variable matches one segment of unreserved characters (RFC 3986,
 * section 2.3), so nothing percent-encoded ever reaches a handler.
 */
record PathTemplate(List<String> segments) {

    static PathTemplate parse(String text) {
        return new PathTemplate(split(text));
    }

    static List<String> split(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** The variables' values where the path has this form. */
    Optional<Map<String, String>> match(List<String> path) {
        if (path.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String segment = segments.get(i);
            if (segment.startsWith("{")) {
                variables.put(segment.substring(1, segment.length() - 1), path.get(i));
            } else if (!segment.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }

    @Override
    public String toString() {
        return "/" + String.join("/", segments);
    }
}
