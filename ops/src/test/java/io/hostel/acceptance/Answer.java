package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/** What the host answered. */
public record Answer(String request, int status, String contentType, String text) {
    public static final ObjectMapper JSON = new ObjectMapper();

    /** The body, once the status is seen to be as wanted. */
    public JsonNode is(int wanted) {
        assertThat(status).as("%s answered %s", request, text).isEqualTo(wanted);
        return json();
    }

    public JsonNode succeeded() {
        assertThat(status).as("%s answered %s", request, text).isBetween(200, 299);
        return json();
    }

    /** The body of an error, which is to be RFC 9457's. */
    public JsonNode isProblem(int wanted) {
        JsonNode problem = is(wanted);
        assertThat(contentType).as(request).startsWith("application/problem+json");
        assertThat(problem.path("status").asInt()).as(text).isEqualTo(wanted);
        assertThat(problem.path("title").asText()).as(text).isNotEmpty();
        assertThat(problem.path("detail").asText()).as(text).isNotEmpty();
        assertThat(problem.path("type").asText()).as(text).isNotEmpty();
        return problem;
    }

    public JsonNode json() {
        try {
            return text.isBlank() ? MissingNode.getInstance() : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(request + " answered no JSON: " + text, e);
        }
    }
}
