package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.Exit;
import io.hostel.kernel.Launcher.Launched;
import io.hostel.kernel.Launcher.Parked;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.sys.Errno;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The records that the launcher leaves in a launch's directory, {@code KEY=VALUE} lines; see {@code records.c}. */
final class LaunchRecords {
    static final String ZYGOTE = "zygote";
    static final String PARKED = "parked";
    static final String LAUNCH = "launch";
    static final String EXIT = "exit";
    private static final List<String> KINDS = List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");

    private LaunchRecords() {}

    static Optional<ProcessIdentity> zygote(Path directory) throws KernelException {
        return read(
                directory.resolve(ZYGOTE),
                fields -> new ProcessIdentity(
                        fields.text("boot"), fields.number("zygote"), fields.ticks("zygote.start")));
    }

    static Optional<Parked> parked(Path directory) throws KernelException {
        return read(directory.resolve(PARKED), LaunchRecords::pair);
    }

    static Optional<Launched> launched(Path directory) throws KernelException {
        return read(directory.resolve(LAUNCH), fields -> {
            Parked pair = pair(fields);
            Instant at = Instant.parse(fields.text("at"));
            return new Launched(
                    pair.monitor(), pair.init(), at, namespaces(pair.init().pid()));
        });
    }

    /** Of what the monitor says once the command runs: the record, and the namespaces, which it has looked at already. */
    static Launched launched(Fields fields) {
        Parked pair = pair(fields);
        Map<String, String> namespaces = new HashMap<>();
        for (String kind : KINDS) {
            fields.optional("ns." + kind).ifPresent(namespace -> namespaces.put(kind, namespace));
        }
        Instant at = Instant.ofEpochSecond(fields.ticks("at.seconds"), fields.ticks("at.nanos"));
        return new Launched(pair.monitor(), pair.init(), at, namespaces);
    }

    private static Parked pair(Fields fields) {
        String boot = fields.text("boot");
        return new Parked(
                new ProcessIdentity(boot, fields.number("monitor"), fields.ticks("monitor.start")),
                new ProcessIdentity(boot, fields.number("init"), fields.ticks("init.start")));
    }

    static Optional<Exit> exit(Path directory) throws KernelException {
        return read(
                directory.resolve(EXIT),
                fields -> new Exit(
                        fields.optional("code").map(Integer::parseInt),
                        fields.optional("signal").map(Integer::parseInt),
                        fields.text("command").equals("1"),
                        Instant.parse(fields.text("at")),
                        fields.optional("wall_us").map(us -> Duration.of(Long.parseLong(us), ChronoUnit.MICROS))));
    }

    /** Of a launch that came to nothing. */
    static void forget(Path directory) throws KernelException {
        try {
            Files.deleteIfExists(directory.resolve(LAUNCH));
            Files.deleteIfExists(directory.resolve(PARKED));
        } catch (IOException e) {
            throw new KernelException(Errno.EIO.name(), "delete the records in", directory.toString(), e.toString());
        }
    }

    static Fields fields(String text) {
        Map<String, String> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) values.putIfAbsent(line.substring(0, equals), line.substring(equals + 1));
        }
        return new Fields(values);
    }

    /** By kind, as the links in /proc/PID/ns show them; empty where the process is gone. */
    private static Map<String, String> namespaces(int pid) {
        Map<String, String> all = new HashMap<>();
        try {
            for (String kind : KINDS) {
                Path link = Path.of("/proc", Integer.toString(pid), "ns", kind);
                all.put(kind, Files.readSymbolicLink(link).toString());
            }
            return all;
        } catch (IOException e) {
            return Map.of();
        }
    }

    private static <T> Optional<T> read(Path file, Reading<T> reading) throws KernelException {
        try {
            return Optional.of(reading.of(fields(KernelFile.read(file.toString()))));
        } catch (SysException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) return Optional.empty();
            throw Refused.by(e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new KernelException(Errno.EBADMSG.name(), "read", file.toString(), "not a record: " + e.getMessage());
        }
    }

    private interface Reading<T> {
        T of(Fields fields);
    }

    /** Values by key. What is absent or no number is an {@link IllegalArgumentException}. */
    record Fields(Map<String, String> values) {
        Optional<String> optional(String key) {
            return Optional.ofNullable(values.get(key));
        }

        String text(String key) {
            return optional(key).orElseThrow(() -> new IllegalArgumentException("no " + key));
        }

        int number(String key) {
            return Integer.parseInt(text(key));
        }

        long ticks(String key) {
            return Long.parseLong(text(key));
        }
    }
}
