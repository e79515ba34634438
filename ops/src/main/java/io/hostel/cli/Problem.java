package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Turns {@code application/problem+json} (RFC 9457) into sentences. */
final class Problem {
    private Problem() {}

    static Trouble trouble(int status, JsonNode problem, boolean withToken) {
        StringBuilder text = new StringBuilder();
        String detail = problem.path("detail").asText("");
        String title = problem.path("title").asText("");
        if (!detail.isEmpty()) {
            text.append(detail);
        } else if (!title.isEmpty()) {
            text.append(title);
        } else if (problem.isTextual()) {
            text.append(problem.asText());
        } else {
            text.append("the host answered with status ").append(status);
        }
        for (JsonNode error : problem.path("errors")) {
            text.append("\n  ").append(error.path("pointer").asText("")).append(": ");
            text.append(error.path("detail").asText(""));
        }
        if (status == 401) {
            text.append(
                    withToken
                            ? "\nThe token is not, or no longer, valid."
                            : "\nSet HOSTEL_TOKEN, or run as root where the operator token file is.");
        }
        return new Trouble(Hostel.FAILED, text.toString(), status);
    }
}
