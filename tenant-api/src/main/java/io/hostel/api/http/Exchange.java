package io.hostel.api.http;

import akka.http.javadsl.model.HttpRequest;
import com.fasterxml.jackson.databind.JsonNode;
import io.hostel.api.Caller;
import io.hostel.api.TimeSpan;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a handler sees of a request that has been let through.
 *
 * @param body what was sent where the call takes JSON, else null's node
 */
record Exchange(
        HttpRequest request, Caller caller, Map<String, String> path, Map<String, String> query, JsonNode body) {
    static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    Exchange with(JsonNode read) {
        return new Exchange(request, caller, path, query, read);
    }

    /** The fields of the body. */
    Fields fields(FieldProblems problems, Set<String> known) {
        return new Fields(body, "", problems, known);
    }

    String tenant() {
        return name("tenant", "tenant", Names::isLabel);
    }

    String app() {
        return name("app", "app", Names::isLabel);
    }

    String process() {
        return name("process", "process", Names::isLabel);
    }

    String sandbox() {
        return name("sandbox", "sandbox", Names::isSandbox);
    }

    String token() {
        return name("token", "token", Names::isToken);
    }

    String other() {
        return name("other", "tenant", Names::isLabel);
    }

    int release() {
        return Integer.parseInt(name("release", "release", text -> text.matches("[1-9][0-9]{0,8}")));
    }

    /** Segments as they came, for the call that makes the thing and tells what is wrong with its name. */
    String raw(String variable) {
        String value = path.get(variable);
        if (value == null) {
            throw new IllegalStateException("no {" + variable + "} in the path");
        }
        return value;
    }

    Party party() {
        return Party.of(caller);
    }

    boolean byOperator() {
        return caller instanceof Caller.Operator;
    }

    /** How long to hold the answer; zero unless asked for. */
    Duration waiting() {
        return parameter("wait", Duration.ZERO, text -> {
            Duration wait = TimeSpan.parse(text);
            if (wait.compareTo(LONGEST_WAIT) > 0) {
                throw new IllegalArgumentException("must be at most " + TimeSpan.format(LONGEST_WAIT));
            }
            return wait;
        });
    }

    long whole(String name, long otherwise, long most) {
        return parameter(name, otherwise, text -> {
            if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > most) {
                throw new IllegalArgumentException("must be a whole number within 0.." + most);
            }
            return Long.parseLong(text);
        });
    }

    boolean flag(String name, boolean otherwise) {
        return parameter(name, otherwise, text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("must be true or false");
            }
            return text.equals("true");
        });
    }

    Optional<String> label(String name) {
        return parameter(name, Optional.empty(), text -> {
            if (!Names.isLabel(text)) {
                throw new IllegalArgumentException(Names.LABEL_RULE);
            }
            return Optional.of(text);
        });
    }

    /** A name in the path; what can be no name names nothing. */
    private String name(String variable, String kind, Predicate<String> rule) {
        String value = raw(variable);
        if (!rule.test(value)) {
            throw new Problem.Refused(noSuch(kind, value));
        }
        return value;
    }

    static Problem noSuch(String kind, String name) {
        String shown = name.length() <= 64 ? name : name.substring(0, 64) + "…";
        return Problem.notFound("there is no " + kind + " \"" + shown + "\"");
    }

    private <T> T parameter(String name, T otherwise, java.util.function.Function<String, T> parse) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            FieldProblems problems = new FieldProblems();
            problems.add("?" + name, String.valueOf(e.getMessage()));
            problems.refuse();
            return otherwise;
        }
    }
}
