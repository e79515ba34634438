package io.hostel.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which files belong to which sandbox, and which of them may go. */
final class LogDirectory {
    static final int ENDED_KEPT = 20;

    /** A reader looks at so many sandboxes, the most recently written ones. */
    private static final int MOST_READ = 512;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern LOG = Pattern.compile("([a-z0-9]{1,12})(\\.host)?\\.log");
    private static final Pattern ANY = Pattern.compile("([a-z0-9]{1,12})\\..*");

    private final Path logDir;

    LogDirectory(Path logDir) {
        this.logDir = logDir;
    }

    /** Makes the directory, which is the host's alone: what a service logs is nobody else's business. */
    void make() throws IOException {
        Files.createDirectories(logDir);
        Files.setPosixFilePermissions(logDir, PosixFilePermissions.fromString("rwxr-x---"));
    }

    void recordProcess(String tenant, String app, String sandbox, String process) throws IOException {
        Files.createDirectories(directory(tenant, app));
        Files.writeString(base(tenant, app, sandbox, ".process"), process);
    }

    Path log(String tenant, String app, String sandbox) {
        return base(tenant, app, sandbox, ".log");
    }

    Path hostLog(String tenant, String app, String sandbox) {
        return base(tenant, app, sandbox, ".host.log");
    }

    /** Where an app's logs are, or will be. */
    Path app(String tenant, String app) {
        return directory(tenant, app);
    }

    List<SandboxLog> find(String tenant, String app) throws IOException {
        Path directory = directory(tenant, app);
        List<SandboxLog> logs = new ArrayList<>();
        for (Path file : newestFirst(directory)) {
            Matcher matcher = LOG.matcher(file.getFileName().toString());
            if (matcher.matches() && logs.size() < MOST_READ) {
                logs.add(new SandboxLog(file, matcher.group(1), process(directory, matcher.group(1))));
            }
        }
        return logs;
    }

    private static String process(Path directory, String sandbox) throws IOException {
        try {
            return Files.readString(directory.resolve(sandbox + ".process"), StandardCharsets.UTF_8);
        } catch (NoSuchFileException unknown) {
            return "";
        }
    }

    /** Deletes the logs of every app's ended sandboxes but for the newest ones, and for what was written to lately. */
    void sweep(Set<String> living, Instant lately) throws IOException {
        for (Path tenant : newestFirst(logDir)) {
            for (Path app : newestFirst(tenant)) {
                sweep(app, living, lately);
            }
        }
    }

    private static void sweep(Path directory, Set<String> living, Instant lately) throws IOException {
        Map<String, List<Path>> ended = new LinkedHashMap<>();
        for (Path file : newestFirst(directory)) {
            Matcher matcher = ANY.matcher(file.getFileName().toString());
            if (matcher.matches() && !living.contains(matcher.group(1))) {
                ended.computeIfAbsent(matcher.group(1), sandbox -> new ArrayList<>())
                        .add(file);
            }
        }
        for (List<Path> files : ended.values().stream().skip(ENDED_KEPT).toList()) {
            if (Files.getLastModifiedTime(files.get(0)).toInstant().isBefore(lately)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    void delete(String tenant, String app) throws IOException {
        Path directory = directory(tenant, app);
        for (Path file : newestFirst(directory)) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
        try {
            Files.deleteIfExists(logDir.resolve(name(tenant)));
        } catch (DirectoryNotEmptyException others) {
            // Other apps' logs stay.
        }
    }

    void delete(String tenant) throws IOException {
        Path directory = logDir.resolve(name(tenant));
        for (Path app : newestFirst(directory)) {
            delete(tenant, app.getFileName().toString());
        }
        Files.deleteIfExists(directory);
    }

    private static List<Path> newestFirst(Path directory) throws IOException {
        Map<Path, Long> modified = new HashMap<>();
        try (Stream<Path> names = Files.list(directory)) {
            for (Path name : names.toList()) {
                try {
                    modified.put(
                            name,
                            Files.getLastModifiedTime(name, LinkOption.NOFOLLOW_LINKS)
                                    .toMillis());
                } catch (NoSuchFileException gone) {
                    // Rotated or deleted since it was listed.
                }
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        }
        return modified.entrySet().stream()
                .sorted(Map.Entry.<Path, Long>comparingByValue(Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Path base(String tenant, String app, String sandbox, String suffix) {
        return directory(tenant, app).resolve(name(sandbox) + suffix);
    }

    private Path directory(String tenant, String app) {
        return logDir.resolve(name(tenant)).resolve(name(app));
    }

    /** Nothing that is no name becomes part of a path. */
    private static String name(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a tenant, an app or a sandbox");
        }
        return name;
    }
}
