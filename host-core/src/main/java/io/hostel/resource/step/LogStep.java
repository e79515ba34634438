package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.resource.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory that the log goes to.
 *
 * <p>Never undone here: people want to read why a sandbox went. Logs go with their app.
 */
public record LogStep(Path directory) implements Step {
    @Override
    public String name() {
        return "log";
    }

    @Override
    public void apply() throws KernelException {
        if (Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new KernelException(
                    "EIO",
                    "make directory",
                    directory.toString(),
                    e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    @Override
    public void revert() {}
}
