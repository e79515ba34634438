package io.hostel.resource;

import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The record of the plans in force: a JSON file per sandbox, there before the first step and until the last revert.
 *
 * <p>It lies on tmpfs and is replaced by an atomic rename, without fsync: the kernel objects that it speaks of die with the
 * boot, so it need not outlive it. Safe for any number of threads as long as one entry has one writer at a time. Every
 * method blocks.
 *
 * @param <E> what is recorded
 */
public final class Ledger<E> {
    private static final String SUFFIX = ".json";
    private static final String UNFINISHED = ".new";

    private final Path directory;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    private Ledger(Path directory, Class<E> type) {
        this.directory = directory;
        JsonMapper mapper = LedgerJson.mapper();
        this.writer = mapper.writerFor(type);
        this.reader = mapper.readerFor(type);
    }

    /** Opens the ledger in a directory, which is made where it is absent. */
    public static <E> Ledger<E> open(Path directory, Class<E> type) throws IOException {
        Files.createDirectories(directory);
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
            for (Path file : unfinished) {
                Files.deleteIfExists(file);
            }
        }
        return new Ledger<>(directory, type);
    }

    /**
     * @param entries in the order of their ids
     * @param unreadable torn, foreign or from an incompatible version: reported, and left where they are
     */
    public record Contents<E>(List<E> entries, List<Unreadable> unreadable) {
        public Contents {
            entries = List.copyOf(entries);
            unreadable = List.copyOf(unreadable);
        }
    }

    /** @param why for people: the file and what is wrong with it */
    public record Unreadable(String id, String why) {}

    /** Records an entry in place of the one with the same id, if any. Readers see the old one or the new one. */
    public void record(String id, E entry) throws IOException {
        Path unfinished = directory.resolve(id + UNFINISHED);
        Files.write(unfinished, writer.writeValueAsBytes(entry));
        Files.move(unfinished, file(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Takes an entry out; one that is absent is no error. */
    public void forget(String id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    public Contents<E> entries() throws IOException {
        List<E> entries = new ArrayList<>();
        List<Unreadable> unreadable = new ArrayList<>();
        ObjectReader sharing = reader.withAttribute(LedgerJson.SHARED, new LedgerJson.Shared());
        for (Path file : files()) {
            try {
                E entry = sharing.readValue(Files.readAllBytes(file));
                if (entry == null) {
                    throw new IOException("it holds nothing");
                }
                entries.add(entry);
            } catch (NoSuchFileException e) {
                continue; // forgotten meanwhile
            } catch (IOException | IllegalArgumentException e) {
                unreadable.add(new Unreadable(id(file), "read " + file + ": " + e.getMessage()));
            }
        }
        return new Contents<>(entries, unreadable);
    }

    /** Of all entries, the unreadable ones too; none of them is read. */
    public Set<String> ids() throws IOException {
        return files().stream().map(Ledger::id).collect(Collectors.toSet());
    }

    private static String id(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - SUFFIX.length());
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            found.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    private Path file(String id) {
        return directory.resolve(id + SUFFIX);
    }
}
