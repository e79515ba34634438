package io.hostel.store;

import java.util.Set;
import java.util.regex.Pattern;

/** A line for a shell, as a Procfile has it. */
final class ShellLine {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);

    /** What no program does: reserved words, and builtins that are about the shell itself (POSIX.1-2017, 2.4 and 2.14). */
    private static final Set<String> SHELLS = Set.of(
            "!", "{", "}", "builtin", "case", "chdir", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until",
            "while", "function", "[[", ".", ":", "alias", "bg", "break", "cd", "command", "continue", "eval", "exec",
            "exit", "export", "fc", "fg", "getopts", "hash", "jobs", "let", "local", "popd", "pushd", "read", "readonly",
            "return", "set", "shift", "source", "time", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset",
            "wait");

    private ShellLine() {}

    /**
     * The line so that its shell is gone once the program runs, where it is one simple command; else as it is. A shell would be
     * what is told to stop, and would not pass it on.
     */
    static String replacingItsShell(String line) {
        int program = behindAssignments(line);
        String first = line.substring(program).split("\\s+", 2)[0];
        return isOneCommand(line) && !first.isEmpty() && !SHELLS.contains(first)
                ? line.substring(0, program) + "exec " + line.substring(program)
                : line;
    }

    /** Where the program stands: what {@code exec} is put before has the variables that are assigned before it. */
    private static int behindAssignments(String line) {
        int at = 0;
        while (true) {
            while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
                at++;
            }
            int end = endOfWord(line, at);
            if (!ASSIGNMENT.matcher(line.substring(at, end)).matches()) {
                return at;
            }
            at = end;
        }
    }

    private static int endOfWord(String line, int from) {
        char quote = 0;
        int at = from;
        for (; at < line.length() && (quote != 0 || !Character.isWhitespace(line.charAt(at))); at++) {
            char c = line.charAt(at);
            if (c == '\\' && quote != '\'') {
                at++;
            } else if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            }
        }
        return Math.min(at, line.length());
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
