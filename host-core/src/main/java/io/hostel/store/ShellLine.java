package io.hostel.store;

import java.util.Set;
import java.util.regex.Pattern;

/** A line for a shell, as a Procfile has it. */
final class ShellLine {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);

    /** What no program does: reserved words, and builtins that are about the shell itself (POSIX.1-2017, 2.4 and 2.14). */
    private static final Set<String> SHELLS = Set.of(
            "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until",
            "while", "function", "[[", ".", ":", "alias", "bg", "break", "cd", "command", "continue", "eval", "exec",
            "exit", "export", "fc", "fg", "getopts", "hash", "jobs", "local", "popd", "pushd", "read", "readonly",
            "return", "set", "shift", "source", "time", "times", "trap", "type", "ulimit", "umask", "unalias", "unset",
            "wait");

    private ShellLine() {}

    /**
     * The line so that its shell is gone once the program runs, where it is one simple command; else as it is. A shell would be
     * what is told to stop, and would not pass it on.
     */
    static String replacingItsShell(String line) {
        String first = line.strip().split("\\s+", 2)[0];
        if (!isOneCommand(line) || SHELLS.contains(first)) {
            return line;
        }
        return (ASSIGNMENT.matcher(first).matches() ? "exec env " : "exec ") + line;
    }

    /** Whether nothing outside of quotes joins commands, sends them to the background, redirects or groups. */
    private static boolean isOneCommand(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == '\'') {
                quote = c == '\'' ? 0 : quote;
            } else if (c == '\\') {
                i++;
            } else if (c == '`' || c == '$' && line.startsWith("$(", i)) {
                return false; // its text has quotes of its own
            } else if (quote == '"') {
                quote = c == '"' ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (";&|<>(){}#\n".indexOf(c) >= 0 && !isParameter(line, i)) {
                return false;
            }
        }
        return quote == 0;
    }

    /** The braces of {@code ${NAME}}. */
    private static boolean isParameter(String line, int at) {
        int open = line.lastIndexOf("${", at);
        return switch (line.charAt(at)) {
            case '{' -> at > 0 && line.charAt(at - 1) == '$';
            case '}' -> open >= 0 && line.indexOf('}', open) == at;
            default -> false;
        };
    }
}
