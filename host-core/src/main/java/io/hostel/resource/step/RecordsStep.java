package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.resource.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory for launch and exit records, and in it the next launch's.
 *
 * <p>Undone by deleting it with all below it. Absent means: no such directory.
 *
 * @param next below {@code records}
 */
public record RecordsStep(Path records, Path next) implements Step {
    @Override
    public String name() {
        return "records";
    }

    @Override
    public void apply() throws KernelException {
        try {
            Files.createDirectories(next);
        } catch (IOException e) {
            throw refused("make directories", e);
        }
    }

    @Override
    public void revert() throws KernelException {
        deleteTree(records);
    }

    /** Deletes a directory with all below it, following no links; one that is absent is no error. */
    public static void deleteTree(Path directory) throws KernelException {
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (UncheckedIOException e) {
            throw refused("delete", new IOException(e.getMessage(), e));
        } catch (IOException e) {
            throw refused("delete", e);
        }
    }

    private static KernelException refused(String operation, IOException e) {
        return new KernelException(
                "EIO", operation, String.valueOf(e.getMessage()), e.getClass().getSimpleName());
    }
}
