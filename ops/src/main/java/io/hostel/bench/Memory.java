package io.hostel.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What processes hold, by smaps_rollup of proc(5), in KiB. */
record Memory(long rss, long pss, long own) {
    /** Tenants' groups of monitors, in a line of /proc/PID/cgroup. */
    private static final String MONITORS = "(?s).*/%s/(t-[0-9]+/)?monitors\\n.*";

    private static final Memory NONE = new Memory(0, 0, 0);

    /** How many processes there are of one name, and what they hold together. */
    record Sum(int processes, Memory memory) {}

    static Memory of(long pid) throws IOException {
        long rss = 0;
        long pss = 0;
        long own = 0;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            String[] words = line.split("\\s+");
            switch (words[0]) {
                case "Rss:" -> rss = Long.parseLong(words[1]);
                case "Pss:" -> pss = Long.parseLong(words[1]);
                case "Private_Clean:", "Private_Dirty:" -> own += Long.parseLong(words[1]);
                default -> {}
            }
        }
        return new Memory(rss, pss, own);
    }

    private Memory plus(Memory other) {
        return new Memory(rss + other.rss, pss + other.pss, own + other.own);
    }

    /**
     * The host's own processes beside the daemon, by name: all in the control groups of monitors, and those named hostel-… in others
     * below the bridge's.
     */
    static Map<String, Sum> launched(String bridge) throws IOException {
        Map<String, Sum> sums = new TreeMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String name = Files.readString(process.resolve("comm")).strip();
                    String groups = Files.readString(process.resolve("cgroup"));
                    if (groups.matches(MONITORS.formatted(bridge))
                            || (name.startsWith("hostel-") && groups.contains("/" + bridge + "/"))) {
                        Memory memory = of(Long.parseLong(process.getFileName().toString()));
                        Sum before = sums.getOrDefault(name, new Sum(0, NONE));
                        sums.put(
                                name,
                                new Sum(before.processes() + 1, before.memory().plus(memory)));
                    }
                } catch (NoSuchFileException | UncheckedIOException gone) {
                    continue; // ended since the directory was read
                } catch (IOException e) {
                    if (Files.exists(process)) {
                        throw e; // ESRCH is what reading of a process says that is just ending
                    }
                }
            }
        }
        return sums;
    }
}
