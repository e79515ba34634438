package io.hostel.acceptance.abuse;

import io.hostel.acceptance.Host;
import io.hostel.acceptance.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most that was ever seen of what an attack uses up on the machine: memory of the host, disk, tables of the kernel. */
final class Vitals {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Path TRACKED = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");

    /** The one table of all namespaces; only the first one shows it. */
    private static final Path NEIGHBOURS = Path.of("/proc/1/net/stat/arp_cache");

    private final Host host;
    private final Map<String, Double> most = new TreeMap<>();

    Vitals(Host host) {
        this.host = host;
    }

    /** Looks now. */
    void look() throws IOException {
        Matcher resident = RESIDENT.matcher(
                Files.readString(Path.of("/proc/" + host.daemon().pid() + "/status")));
        if (resident.find()) {
            most("host's memory, MiB", Long.parseLong(resident.group(1)) / 1024.0);
        }
        most("load of the machine", Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]));
        // The first column of each processor's line is the one table's number of entries, in hexadecimal.
        if (Files.exists(NEIGHBOURS)) {
            String first = Files.readAllLines(NEIGHBOURS).get(1);
            most("neighbours in the machine's table", Long.parseLong(first.strip().split("\\s+")[0], 16));
        }
        if (Files.exists(TRACKED)) {
            most("connections tracked", Long.parseLong(Files.readString(TRACKED).strip()));
        }
        most(LOGS, mebibytes(host.directory().resolve("log")));
        most(DATABASE, mebibytes(host.stateDir().resolve("hostel.db")) + mebibytes(host.stateDir().resolve("hostel.db-wal")));
        most(ARTIFACTS, mebibytes(host.stateDir().resolve("artifacts")));
    }

    static final String LOGS = "logs on the disk, MiB";
    static final String DATABASE = "database on the disk, MiB";
    static final String ARTIFACTS = "artifacts on the disk, MiB";

    /** What is taken on the disk. Files may go meanwhile. */
    private static double mebibytes(Path path) {
        Matcher first = Pattern.compile("(?m)^(\\d+)\\s[^\n]*\\z")
                .matcher(Shell.outcome(Map.of(), "du", "-sk", path.toString()).output().strip());
        return first.find() ? Long.parseLong(first.group(1)) / 1024.0 : 0;
    }

    private void most(String what, double now) {
        most.merge(what, now, Math::max);
    }

    /** The most that was seen. */
    double most(String what) {
        return most.getOrDefault(what, 0.0);
    }

    /** For the report. */
    void report() {
        most.forEach((what, value) -> System.out.printf(Locale.ROOT, "abuse: %-40s %.1f%n", what, value));
    }
}
