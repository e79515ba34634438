package io.hostel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Where a measure takes place: throw-away namespaces and a directory, which {@code ops/bench} has made and takes away.
 *
 * @param dist the distribution of the product
 * @param programs the client, the measured server and its archive {@code site.tar}
 * @param work a directory that ends with the measure
 * @param settings of the host, as {@code -Dhostel.KEY=VALUE}
 */
record Place(Path dist, Path programs, Path work, List<String> settings) {
    /** The value of a setting that {@code ops/bench} gives. */
    String setting(String key) {
        String prefix = "-Dhostel." + key + "=";
        return settings.stream()
                .filter(setting -> setting.startsWith(prefix))
                .map(setting -> setting.substring(prefix.length()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no setting " + key));
    }

    int apiPort() {
        return Integer.parseInt(setting("api.port"));
    }

    Path stateDir() {
        return Path.of(setting("state-dir"));
    }

    Path hostLog() {
        return work.resolve("host.log");
    }

    /** Notes a process in WORK/pids, so that {@code ops/bench} ends it should the measure be broken off. */
    Process noted(Process process) throws IOException {
        Files.writeString(
                work.resolve("pids"), process.pid() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return process;
    }
}
