package io.hostel.bench;

import java.util.Locale;

/**
 * What a measure deploys: the measured server, in one size or another.
 *
 * @param memory and @param disk as the API takes sizes
 * @param command the words of a JSON list
 */
record Shape(String memory, String disk, int pids, double cpus, int scale, String command, boolean serves) {
    static final Shape WEB = new Shape("16MiB", "16MiB", 16, 1, 1, "\"./server\"", true);

    /** As little as a sandbox can be. */
    static final Shape TINY = new Shape("8MiB", "1MiB", 8, 0.1, 0, "\"./server\"", true);

    /** Ends as soon as it has been started. */
    static final Shape CRASHING = new Shape("8MiB", "1MiB", 8, 0.1, 1, "\"./server\", \"crash\"", false);

    Shape scaled(int to) {
        return new Shape(memory, disk, pids, cpus, to, command, serves);
    }

    Shape withCpus(double many) {
        return new Shape(memory, disk, pids, many, scale, command, serves);
    }

    /** The release spec. */
    String spec(String digest) {
        return String.format(
                Locale.ROOT,
                """
                {"artifact": "%s", "processes": {"web": {"command": [%s], "scale": %d, %s "health": {"startup": "5m"},
                 "limits": {"memory": "%s", "cpus": %s, "pids": %d, "disk": "%s", "files": 256}}}}""",
                digest,
                command,
                scale,
                serves ? "\"port\": 8080, \"expose\": \"public\"," : "\"expose\": \"none\",",
                memory,
                cpus,
                pids,
                disk);
    }
}
