package io.hostel.host;

import java.util.List;

/** The configuration or the machine will not do: a line per problem, saying what to do. */
final class CannotStart extends Exception {
    private final transient List<String> problems;

    CannotStart(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    CannotStart(String problem) {
        this(List.of(problem));
    }

    List<String> problems() {
        return problems;
    }
}
