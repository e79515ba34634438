package io.hostel.cli;

/** Ends a command with a sentence for the person who typed it. */
final class Trouble extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final int status;

    Trouble(int exitCode, String message) {
        this(exitCode, message, 0);
    }

    /** @param status of the host's answer, 0 where there was none */
    Trouble(int exitCode, String message, int status) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.status = status;
    }

    int exitCode() {
        return exitCode;
    }

    int status() {
        return status;
    }
}
