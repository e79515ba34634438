package io.hostel.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The daemon's command line.
 *
 * @param configFile {@code --config FILE}
 * @param reap take away all that a host with these settings left, and end
 * @param directories say where a host with these settings keeps its things, and end
 * @param overrides {@code -Dhostel.KEY=VALUE}, by key
 */
record Arguments(Optional<Path> configFile, boolean reap, boolean directories, Map<String, String> overrides) {

    static final String USAGE = "usage: hostd [--config FILE] [--reap | --directories] [-Dhostel.KEY=VALUE ...]";

    /** @throws BadUsage where an argument is unknown or lacks its value */
    static Arguments parse(String... args) throws BadUsage {
        Optional<Path> config = Optional.empty();
        boolean reap = false;
        boolean directories = false;
        Map<String, String> overrides = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (arg.equals("--config")) {
                i++;
                if (i == args.length) {
                    problems.add("--config needs a file");
                } else {
                    config = Optional.of(Path.of(args[i]));
                }
            } else if (arg.startsWith("--config=")) {
                config = Optional.of(Path.of(arg.substring("--config=".length())));
            } else if (arg.equals("--reap")) {
                reap = true;
            } else if (arg.equals("--directories")) {
                directories = true;
            } else if (arg.startsWith("-Dhostel.") && arg.indexOf('=') > 0) {
                overrides.put(arg.substring(2, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
            } else {
                problems.add("unknown argument " + arg);
            }
        }
        if (!problems.isEmpty()) {
            throw new BadUsage(String.join("; ", problems));
        }
        return new Arguments(config, reap, directories, overrides);
    }

    static final class BadUsage extends Exception {
        BadUsage(String message) {
            super(message);
        }
    }
}
