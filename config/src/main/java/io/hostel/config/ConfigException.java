package io.hostel.config;

import java.util.List;

/** The settings will not do. Holds a line for every problem: {@code file:line: key: what is wrong, what to do}. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient List<String> problems;

    public ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
