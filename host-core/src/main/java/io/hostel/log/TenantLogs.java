package io.hostel.log;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All the log files of one tenant, as one look found them. For one thread. */
final class TenantLogs {
    private final List<SandboxFiles> running = new ArrayList<>();
    private final Deque<SandboxFiles> ended = new ArrayDeque<>(); // the oldest first
    private long bytes;

    /** As {@link LogRoom#look} has it. */
    static TenantLogs of(Path directory, Set<String> living, Instant asOf) throws IOException {
        TenantLogs logs = new TenantLogs();
        List<SandboxFiles> ended = new ArrayList<>();
        for (Path app : list(directory)) {
            Map<String, SandboxFiles> sandboxes = new HashMap<>();
            Set<String> fresh = new java.util.HashSet<>();
            for (Path file : list(app)) {
                BasicFileAttributes found = attributes(file);
                if (found != null) {
                    String id = SandboxFiles.sandbox(file);
                    long modified = found.lastModifiedTime().toMillis();
                    sandboxes
                            .computeIfAbsent(id, i -> new SandboxFiles(app.resolve(i + ".log")))
                            .add(file, found.size(), modified);
                    if (file.getFileName().toString().endsWith(".process") && modified >= asOf.toEpochMilli()) {
                        fresh.add(id);
                    }
                }
            }
            sandboxes.forEach((id, files) -> {
                logs.bytes += files.bytes();
                (living.contains(id) || fresh.contains(id) ? logs.running : ended).add(files);
            });
        }
        ended.sort(Comparator.comparingLong(SandboxFiles::newest));
        logs.ended.addAll(ended);
        return logs;
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "[a-z0-9]*")) {
            found.forEach(names::add);
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Null where it was rotated or deleted since it was listed, or is none of a sandbox's. */
    private static @org.jspecify.annotations.Nullable BasicFileAttributes attributes(Path file) throws IOException {
        if (file.getFileName().toString().indexOf('.') < 1) {
            return null;
        }
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException gone) {
            return null;
        }
    }

    /** What they take, each file with at least {@link SandboxFiles#LEAST_PER_FILE}. */
    long bytes() {
        return bytes;
    }

    List<SandboxFiles> running() {
        return running;
    }

    boolean hasEnded() {
        return !ended.isEmpty();
    }

    /** Of one that can't be deleted no more is heard until the next look. */
    void removeOldestEnded() throws IOException {
        SandboxFiles oldest = ended.remove();
        for (Path file : oldest.files()) {
            Files.deleteIfExists(file);
        }
        bytes -= oldest.bytes();
    }

    /** What a running sandbox's monitor has rotated away. */
    void removeOlder(SandboxFiles sandbox) throws IOException {
        Files.deleteIfExists(LogTail.older(sandbox.log()));
        bytes -= sandbox.withoutOlder();
    }
}
