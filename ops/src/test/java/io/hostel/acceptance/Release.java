package io.hostel.acceptance;

import java.util.LinkedHashMap;
import java.util.Map;

/** A release spec in the making. */
public record Release(Map<String, Object> spec) {

    public static Release of(String name, Program process) {
        return new Release(Map.of("processes", Map.of(name, process.spec())));
    }

    public Release and(String name, Program process) {
        Map<String, Object> processes = new LinkedHashMap<>();
        ((Map<?, ?>) spec.getOrDefault("processes", Map.of()))
                .forEach((key, value) -> processes.put((String) key, value));
        processes.put(name, process.spec());
        return with("processes", processes);
    }

    public Release with(String field, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(spec);
        more.put(field, value);
        return new Release(more);
    }
}
