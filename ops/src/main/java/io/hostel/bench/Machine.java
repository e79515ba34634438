package io.hostel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the figures depend on besides the host. */
final class Machine {
    private Machine() {}

    static String line() throws IOException {
        return String.format(
                Locale.ROOT,
                "Linux %s, %d cores, load %s",
                read("/proc/sys/kernel/osrelease"),
                Runtime.getRuntime().availableProcessors(),
                read("/proc/loadavg"));
    }

    /** MemAvailable of proc(5), in KiB. */
    static long availableKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no MemAvailable in /proc/meminfo");
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file)).strip();
    }
}
