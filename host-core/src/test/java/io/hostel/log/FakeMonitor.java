package io.hostel.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/** Writes a sandbox's log as a monitor does: two files, each at most half of what is allowed. */
final class FakeMonitor {
    static final Instant START = Instant.parse("2026-11-24T00:00:00.000000001Z");

    private final Path file;
    private final long half;
    private long seconds;

    FakeMonitor(Path file, long bytes) throws IOException {
        this.file = file;
        this.half = bytes / 2;
        Files.createDirectories(file.getParent());
    }

    /** The time of the next line. */
    FakeMonitor at(long second) {
        seconds = second;
        return this;
    }

    FakeMonitor line(String text) throws IOException {
        return put("stdout", false, text);
    }

    FakeMonitor put(String stream, boolean partial, String text) throws IOException {
        String line = new CriLine(START.plusSeconds(seconds++), stream, partial, text).format();
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) + line.length() > half) {
            rotate();
        }
        return raw(line);
    }

    FakeMonitor raw(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return this;
    }

    void rotate() throws IOException {
        Files.move(file, LogTail.older(file), StandardCopyOption.REPLACE_EXISTING);
    }
}
