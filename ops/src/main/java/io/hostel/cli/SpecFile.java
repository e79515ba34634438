package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a release spec: JSON from {@code *.json}, HOCON from everything else. */
final class SpecFile {
    private SpecFile() {}

    static ObjectNode read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new Trouble(Hostel.FAILED, "can't read the spec file " + file);
        }
        try {
            JsonNode spec = file.toString().endsWith(".json")
                    ? Connection.JSON.readTree(file.toFile())
                    : Connection.JSON.readTree(hocon(file).root().render(ConfigRenderOptions.concise()));
            if (spec instanceof ObjectNode object) {
                return object;
            }
            throw new Trouble(Hostel.FAILED, file + " holds no release spec: an object is needed");
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new Trouble(Hostel.FAILED, file + ":" + e.getLocation().getLineNr() + ": " + e.getOriginalMessage());
        } catch (ConfigException e) {
            throw new Trouble(Hostel.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private static Config hocon(Path file) {
        return ConfigFactory.parseFile(file.toFile()).resolve();
    }
}
