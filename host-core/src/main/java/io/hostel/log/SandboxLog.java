package io.hostel.log;

import java.nio.file.Path;

/**
 * One log file of a sandbox: its own, or the host's about it.
 *
 * @param process empty where it is not known any more
 */
record SandboxLog(Path file, String sandbox, String process) {
    /** Of the file. */
    String name() {
        return file.getFileName().toString();
    }

    LogCursor cursor() {
        return new LogCursor(file, sandbox, process);
    }
}
