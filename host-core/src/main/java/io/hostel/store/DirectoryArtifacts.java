package io.hostel.store;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.archive.BodyBrokenException;
import io.hostel.store.archive.Unpacker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Artifacts below STATE-DIR/artifacts, which only the host's root may enter: {@code sha256-HEX/app/…}. A name that begins with a
 * dot is unfinished or on its way out; what a crash left of those goes at the next start.
 */
public final class DirectoryArtifacts implements ArtifactStore {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("sha256-[0-9a-f]{64}");

    private final Path directory;
    private final TreeSync sync;
    private final DiskReserve reserve;

    private DirectoryArtifacts(Path directory, TreeSync sync, DiskReserve reserve) {
        this.directory = directory;
        this.sync = sync;
        this.reserve = reserve;
    }

    /** Takes over what is there, and sweeps what an earlier host left half-done. */
    public static DirectoryArtifacts open(Path stateDir) throws IOException {
        return open(stateDir, TreeSync.eachFile(), DiskReserve.of(stateDir));
    }

    public static DirectoryArtifacts open(Path stateDir, TreeSync sync, DiskReserve reserve) throws IOException {
        Path directory = stateDir.resolve("artifacts");
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        try (Stream<Path> names = Files.list(directory)) {
            for (Path name : names.toList()) {
                if (name.getFileName().toString().startsWith(".")) {
                    Trees.delete(name);
                }
            }
        }
        return new DirectoryArtifacts(directory, sync, reserve);
    }

    @Override
    public Put put(ArtifactFormat format, InputStream body, long quotaBytes, long quotaEntries) throws IOException {
        reserve.require(0, "the artifact");
        Path unfinished = directory.resolve(".put-" + Tokens.newId());
        try {
            Path app = unfinished.resolve("app");
            for (Path made : List.of(unfinished, app)) {
                Files.createDirectory(made);
                // Whatever the umask is: users inside other than root go through these.
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            Unpacker.Unpacked unpacked = Unpacker.unpack(
                    format, body, app, new Unpacker.Bounds(quotaBytes, quotaEntries, reserve));
            sync.sync(unfinished);
            settle(unfinished, path(unpacked.digest()));
            return new Put(unpacked.digest(), unpacked.size(), unpacked.entries());
        } catch (BodyBrokenException e) {
            throw e;
        } catch (IOException e) {
            if (DiskRoom.isExhausted(e)) {
                throw new RefusedException(
                        new Refusal.DiskFull("the host's disk is full: no room for the artifact; nothing was kept"));
            }
            throw e;
        } finally {
            Trees.delete(unfinished);
        }
    }

    private void settle(Path unfinished, Path settled) throws IOException {
        if (Files.isDirectory(settled, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.move(unfinished, settled, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw e;
        } catch (IOException e) {
            // rename(2) fails with ENOTEMPTY where another call with the same bytes came first: its tree is this one.
            if (!Files.isDirectory(settled, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        }
        TreeSync.directory(directory);
    }

    @Override
    public Optional<Path> layer(String digest) {
        return DIGEST.matcher(digest).matches()
                ? Optional.of(path(digest)).filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                : Optional.empty();
    }

    @Override
    public List<ProcfileEntry> procfile(String digest) throws IOException {
        Optional<Path> layer = layer(digest);
        return layer.isEmpty() ? List.of() : Procfile.read(layer.get().resolve("app/Procfile"));
    }

    @Override
    public void delete(String digest) throws IOException {
        Optional<Path> layer = layer(digest);
        if (layer.isPresent()) {
            // Renamed first, so that a half-deleted tree is never taken for the artifact.
            Path going = directory.resolve(".going-" + Tokens.newId());
            Files.move(layer.get(), going, StandardCopyOption.ATOMIC_MOVE);
            Trees.delete(going);
        }
    }

    @Override
    public List<String> digests() throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            return names.map(path -> path.getFileName().toString())
                    .filter(NAME.asMatchPredicate())
                    .map(name -> name.replace('-', ':'))
                    .sorted()
                    .toList();
        }
    }

    private Path path(String digest) {
        return directory.resolve(digest.replace(':', '-'));
    }
}
