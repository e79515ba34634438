package io.hostel.host;

import io.hostel.api.DoctorView;
import io.hostel.config.HostelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The host's directories and files as other users of the machine find them. What a daemon makes is its own by its umask; here is
 * what is meant otherwise, and what an earlier daemon or somebody else has opened.
 */
final class HostFiles {
    /** Ways to the pins lead through it, for whoever knows the path; nobody lists it. */
    private static final int OPEN_TO_PASS = 0711;

    private static final Set<String> RUN_DIR_HOLDS =
            Set.of("ledger", "slots", "launches", "layers", "netns", "hostd.lock", HostLock.TURN);

    /** In STATE-DIR, with a date or an id behind: copies of the state, with databases and a token. */
    private static final Pattern COPY = Pattern.compile("(replaced-|\\.?restore-|\\.backup-).*");

    private final Path stateDir;
    private final Path runDir;
    private final Path logDir;

    /** @param most permissions that it may have, e.g. 0600; see inode(7) */
    private record Place(Path path, int most) {}

    HostFiles(HostelConfig config) {
        this.stateDir = config.stateDir();
        this.runDir = config.runDir();
        this.logDir = config.logDir();
    }

    /** Makes the run directory, where the lock is to lie, and puts right what is in there. */
    void makeRunDir() throws IOException, CannotStart {
        make(runDir);
        if (holdsOnlyOurs(runDir)) {
            restrict(new Place(runDir, OPEN_TO_PASS));
        }
        for (Place place : below(runDir)) {
            restrict(place);
        }
    }

    /** Makes the others. That the token was open is not put right: it is no secret any more, which whoever reads it says. */
    void make() throws IOException, CannotStart {
        make(stateDir);
        make(logDir);
        restrict(new Place(logDir, 0750));
        for (Place place : below(stateDir)) {
            restrict(place);
        }
        for (Place place : copies()) {
            restrict(place);
        }
    }

    /** Looks at a dozen files and the directories above them. @return what lets other users in, with what mends it */
    List<DoctorView.Finding> open() {
        List<DoctorView.Finding> findings = new ArrayList<>();
        Stream.of(
                        Stream.of(
                                new Place(stateDir, 0755),
                                new Place(runDir, OPEN_TO_PASS),
                                new Place(logDir, 0750),
                                new Place(beside(".pid"), 0644),
                                new Place(beside(".ready"), 0644),
                                new Place(beside(".watch"), 0644),
                                new Place(stateDir.resolve("operator.token"), 0640)),
                        below(runDir).stream(),
                        below(stateDir).stream(),
                        copies().stream())
                .flatMap(places -> places)
                .forEach(place -> finding(place).ifPresent(findings::add));
        Stream.of(stateDir, runDir, logDir)
                .flatMap(HostFiles::above)
                .distinct()
                .forEach(directory -> aboveFinding(directory).ifPresent(findings::add));
        return findings;
    }

    private Path beside(String suffix) {
        return runDir.resolveSibling(runDir.getFileName() + suffix);
    }

    private List<Place> below(Path directory) {
        return directory.equals(runDir)
                ? List.of(
                        new Place(runDir.resolve("ledger"), 0700),
                        new Place(runDir.resolve("slots"), 0700),
                        new Place(runDir.resolve("launches"), 0700),
                        new Place(runDir.resolve("layers"), 0700),
                        new Place(runDir.resolve("netns"), 0755),
                        new Place(runDir.resolve("hostd.lock"), 0600))
                : List.of(
                        new Place(stateDir.resolve("hostel.db"), 0600),
                        new Place(stateDir.resolve("hostel.db-wal"), 0600),
                        new Place(stateDir.resolve("layers.pool"), 0600),
                        new Place(stateDir.resolve("layers"), 0700),
                        new Place(stateDir.resolve("artifacts"), 0700),
                        new Place(stateDir.resolve("images"), 0700),
                        new Place(stateDir.resolve("demo"), 0700));
    }

    /** None where the directory is not there, or cannot be listed, which is found out elsewhere. */
    private List<Place> copies() {
        try (Stream<Path> names = Files.list(stateDir)) {
            return names.filter(path -> COPY.matcher(path.getFileName().toString()).matches())
                    .map(path -> new Place(path, Files.isDirectory(path) ? 0700 : 0600))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private static void make(Path directory) throws IOException, CannotStart {
        if (!Files.exists(directory)) {
            Files.createDirectories(directory);
            FileAccess.set(directory, OPEN_TO_PASS);
        }
        requireOurs(directory);
    }

    private static void restrict(Place place) throws IOException, CannotStart {
        Optional<FileAccess> found = FileAccess.of(place.path());
        if (found.isPresent()) {
            requireOurs(place.path());
            if ((found.get().permissions() & ~place.most()) != 0) {
                FileAccess.set(place.path(), found.get().permissions() & place.most());
            }
        }
    }

    /** Whoever owns a directory can put something else in the place of what is in there. */
    private static void requireOurs(Path path) throws IOException, CannotStart {
        Optional<FileAccess> found = FileAccess.of(path);
        if (found.isPresent() && !found.get().isRoots()) {
            throw new CannotStart(path + " belongs to user " + found.get().owner()
                    + ", who can read and replace what the host keeps there: look at what is in it, then chown root "
                    + path + ", or choose another directory");
        }
    }

    /** Else it is a directory of the machine's, such as /run, which is not the host's to close. */
    private static boolean holdsOnlyOurs(Path directory) throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            return RUN_DIR_HOLDS.containsAll(names.map(path -> String.valueOf(path.getFileName()))
                    .collect(Collectors.toSet()));
        }
    }

    private static Optional<DoctorView.Finding> finding(Place place) {
        try {
            Optional<FileAccess> found = FileAccess.of(place.path());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            int more = found.get().permissions() & ~place.most();
            if (!found.get().isRoots()) {
                return Optional.of(of(place.path(), "it belongs to user " + found.get().owner() + ": chown root"));
            }
            return more == 0
                    ? Optional.empty()
                    : Optional.of(of(
                            place.path(),
                            String.format(
                                    "its mode is %04o, %04o is enough: chmod %04o",
                                    found.get().permissions(),
                                    place.most(),
                                    found.get().permissions() & place.most())));
        } catch (IOException e) {
            return Optional.of(of(place.path(), "it cannot be looked at: " + e));
        }
    }

    private static Stream<Path> above(Path directory) {
        return Stream.iterate(
                directory.toAbsolutePath().normalize().getParent(), path -> path != null, Path::getParent);
    }

    /** Sticky, as /tmp is, others cannot take away in it what is not theirs. */
    private static Optional<DoctorView.Finding> aboveFinding(Path directory) {
        try {
            return FileAccess.of(directory)
                    .filter(it -> !it.isRoots() || (it.permissions() & 0022) != 0 && !it.sticky())
                    .map(it -> of(
                            directory,
                            String.format(
                                    "others (user %d, mode %04o) can put something else in the place of what the host has below:"
                                            + " chown root and chmod go-w",
                                    it.owner(), it.permissions())));
        } catch (IOException e) {
            return Optional.of(of(directory, "it cannot be looked at: " + e));
        }
    }

    private static DoctorView.Finding of(Path path, String detail) {
        return new DoctorView.Finding("file", path.toString(), detail);
    }
}
