package io.hostel.api;

import java.util.Map;

/**
 * @param release the live one, or the first while none is live yet
 * @param processes by name
 */
public record AppView(String id, String tenant, int release, Map<String, ProcessView> processes) {
    public AppView {
        processes = Map.copyOf(processes);
    }
}
