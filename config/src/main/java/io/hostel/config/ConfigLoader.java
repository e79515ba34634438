package io.hostel.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/** Reads the settings: what the command line says wins over the file, the file over config/reference. */
public final class ConfigLoader {
    private static final String ROOT = "hostel";

    private ConfigLoader() {}

    /**
     * @param file HOCON with keys below {@code hostel}
     * @param overrides by full key, e.g. {@code hostel.api.port → 0}; lists with commas in between
     * @throws ConfigException naming every problem at once
     */
    public static HostelConfig load(Optional<Path> file, Map<String, String> overrides) throws ConfigException {
        return load(file, overrides, Resolvers.MACHINE);
    }

    /** Those properties that are settings, i.e. begin with {@code hostel.}; for {@link #load}. */
    public static Map<String, String> overrides(Properties properties) {
        Map<String, String> overrides = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(ROOT + ".")) {
                overrides.put(name, properties.getProperty(name));
            }
        }
        return overrides;
    }

    static HostelConfig load(Optional<Path> file, Map<String, String> overrides, List<Path> resolvConf)
            throws ConfigException {
        List<String> problems = new ArrayList<>();
        Config reference = reference();
        Set<String> known = new HashSet<>();
        reference.entrySet().forEach(entry -> known.add(entry.getKey()));

        Config given = file.map(path -> parse(path, problems)).orElse(ConfigFactory.empty());
        given = resolve(given, reference, problems);
        for (Map.Entry<String, String> override : new TreeMap<>(overrides).entrySet()) {
            String key = override.getKey();
            if (known.contains(key)) {
                given = given.withValue(key, ConfigValueFactory.fromAnyRef(override.getValue(), "-D" + key));
            } else {
                problems.add("-D" + key + ": is no setting"
                        + NearestKey.to(key, known)
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("; config/reference lists all"));
            }
        }
        Settings settings = new Settings(given, reference, problems);
        settings.onlyKnown(
                section -> known.stream().anyMatch(key -> key.startsWith(section + ".")), given.root(), "", known);
        HostelConfig config = new SettingsReader(settings, resolvConf).read();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    private static Config parse(Path file, List<String> problems) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            problems.add(file + ": is no file that can be read; name an existing one with --config, or none");
            return ConfigFactory.empty();
        }
        try {
            return ConfigFactory.parseFile(
                    file.toFile(),
                    ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false));
        } catch (com.typesafe.config.ConfigException e) {
            problems.add(sayWhere(e));
            return ConfigFactory.empty();
        }
    }

    private static Config resolve(Config given, Config reference, List<String> problems) {
        try {
            return given.withFallback(reference).resolve();
        } catch (com.typesafe.config.ConfigException e) {
            problems.add(sayWhere(e));
            return reference;
        }
    }

    private static String sayWhere(com.typesafe.config.ConfigException e) {
        String message = String.valueOf(e.getMessage());
        if (e.origin() == null) {
            return message;
        }
        // The library begins its messages with the place, in its own form.
        String place = e.origin().description();
        return Settings.place(e.origin())
                + (message.startsWith(place + ": ") ? message.substring(place.length() + 2) : message);
    }

    private static Config reference() {
        try (InputStream in = ConfigLoader.class.getResourceAsStream("reference")) {
            if (in == null) {
                throw new IllegalStateException("io/hostel/config/reference is missing on the class path");
            }
            return ConfigFactory.parseReader(
                            new InputStreamReader(in, StandardCharsets.UTF_8),
                            ConfigParseOptions.defaults().setOriginDescription("config/reference"))
                    .resolve();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read io/hostel/config/reference on the class path", e);
        }
    }
}
