package io.hostel.store.backup;

import static io.hostel.store.backup.Manifest.bad;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.RefusedException;
import io.hostel.store.Database;
import io.hostel.store.DesiredState;
import io.hostel.store.DiskReserve;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredRelease;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.OperatorToken;
import io.hostel.store.SqliteDesiredState;
import io.hostel.store.StoreException;
import io.hostel.store.archive.PackedFiles;
import io.hostel.store.archive.PackedFiles.PackedFile;
import io.hostel.store.archive.Unpacker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a backup into an empty directory, laid out as a state directory is, and verifies all of it. */
final class BackupReader {
    private static final Pattern ARTIFACT = Pattern.compile("artifacts/(sha256-[0-9a-f]{64})\\.tar");
    private static final int LARGEST_MANIFEST = 64 << 20;

    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;
    private final Function<DesiredState, List<String>> fit;
    private final DiskReserve reserve;
    private final List<Manifest.Part> found = new ArrayList<>();

    private BackupReader(Path directory, Function<DesiredState, List<String>> fit, DiskReserve reserve) {
        this.directory = directory;
        this.fit = fit;
        this.reserve = reserve;
    }

    /** What was read. */
    record Contents(Manifest manifest, int tenants, int artifacts) {}

    /**
     * Leaves the directory as far as it got when it fails.
     *
     * @throws RefusedException BadArchive where it is no backup, is damaged, is newer than this program, or does not fit
     * @throws IOException where the body breaks off or the directory can't be written
     * @throws StoreException.DiskFull as it says
     */
    static Contents read(
            ArtifactFormat format,
            InputStream body,
            Function<DesiredState, List<String>> fit,
            DiskReserve reserve,
            Path directory)
            throws IOException {
        BackupReader reader = new BackupReader(directory, fit, reserve);
        Manifest manifest;
        try (PackedFiles files = new PackedFiles(format, body)) {
            manifest = reader.parts(files);
        }
        if (!manifest.parts().equals(reader.found)) {
            throw bad("it does not hold what its " + Manifest.NAME + " says: it is damaged, or was changed");
        }
        int known = Database.schemaVersion();
        if (manifest.schema() > known) {
            throw bad("it has schema " + manifest.schema() + ", and this host knows up to " + known
                    + ": it was made by a newer Hostel; update this one first");
        }
        return reader.verified(manifest);
    }

    private Manifest parts(PackedFiles files) throws IOException {
        Files.createDirectory(directory.resolve("artifacts"), OWNERS_DIRECTORY);
        for (@Nullable PackedFile file = files.next(); file != null; file = files.next()) {
            if (found.isEmpty() && !file.name().equals(Manifest.DATABASE)) {
                throw bad("it is no backup of a Hostel host");
            }
            if (file.name().equals(Manifest.NAME)) {
                return manifest(file, files);
            }
            // Of a database or an artifact's tar, the size is about that of what it becomes.
            reserve.require(file.size(), "the backup");
            part(file);
        }
        throw bad("it has no " + Manifest.NAME + " at its end: it was cut off");
    }

    private static Manifest manifest(PackedFile file, PackedFiles files) throws IOException {
        if (file.size() > LARGEST_MANIFEST) {
            throw bad("its " + Manifest.NAME + " has " + file.size() + " bytes");
        }
        Manifest manifest = Manifest.read(file.content().readAllBytes());
        if (files.next() != null) {
            throw bad("something follows its " + Manifest.NAME);
        }
        return manifest;
    }

    private void part(PackedFile file) throws IOException {
        if (!file.regular()) {
            throw bad("it holds \"" + file.name() + "\", which is no file");
        }
        var artifact = ARTIFACT.matcher(file.name());
        String sha256;
        if (artifact.matches()) {
            sha256 = tree(artifact.group(1), file.content());
        } else if (file.name().equals(Manifest.DATABASE) || file.name().equals(Manifest.TOKEN)) {
            sha256 = copy(directory.resolve(file.name()), file.content());
        } else {
            throw bad("it holds \"" + file.name() + "\", which belongs to no backup");
        }
        if (found.stream().anyMatch(part -> part.name().equals(file.name()))) {
            throw bad("it holds \"" + file.name() + "\" twice");
        }
        found.add(new Manifest.Part(file.name(), file.size(), sha256));
    }

    private String tree(String name, InputStream content) throws IOException {
        Path root = directory.resolve("artifacts").resolve(name).resolve("app");
        if (Files.exists(root)) {
            throw bad("it holds the artifact " + name + " twice");
        }
        for (Path made : List.of(root.getParent(), root)) {
            Files.createDirectory(made);
            // Whatever the umask is: users inside other than root go through these.
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return Unpacker.unpack(
                        ArtifactFormat.TAR,
                        content,
                        root,
                        new Unpacker.Bounds(Long.MAX_VALUE, Long.MAX_VALUE, reserve))
                .digest()
                .substring("sha256:".length());
    }

    private static String copy(Path to, InputStream content) throws IOException {
        DigestInputStream digesting = new DigestInputStream(content, BackupWriter.sha256());
        if (Files.exists(to)) {
            throw bad("it holds \"" + to.getFileName() + "\" twice");
        }
        Files.createFile(to, OWNERS_FILE);
        try (OutputStream out = Files.newOutputStream(to, StandardOpenOption.WRITE)) {
            digesting.transferTo(out);
        }
        return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    }

    private Contents verified(Manifest manifest) throws IOException {
        if (found.stream().noneMatch(part -> part.name().equals(Manifest.TOKEN))) {
            throw bad("it has no " + Manifest.TOKEN);
        }
        try {
            OperatorToken.readOrCreate(directory);
            try (Database database = Database.open(directory)) {
                database.verify();
                return contents(manifest, new SqliteDesiredState(database));
            }
        } catch (StoreException.DiskFull full) {
            throw full;
        } catch (StoreException e) {
            throw bad(String.valueOf(e.getMessage()).replace(directory + "/", "its "));
        }
    }

    /** Reads all that a start of the host would. */
    private Contents contents(Manifest manifest, DesiredState state) {
        Set<String> artifacts = new HashSet<>();
        state.artifacts().forEach(artifact -> artifacts.add(artifact.digest()));
        for (String digest : artifacts) {
            if (found.stream().noneMatch(part -> part.name().equals(Manifest.artifact(digest)))) {
                throw bad("it lacks the artifact " + digest + ", which its database speaks of");
            }
        }
        List<StoredTenant> tenants = state.tenants();
        for (StoredTenant tenant : tenants) {
            for (StoredApp app : state.apps(tenant.id())) {
                for (Optional<StoredRelease> next = state.releaseAfter(tenant.id(), app.app(), 0); next.isPresent(); ) {
                    next = state.releaseAfter(
                            tenant.id(), app.app(), next.get().release().release());
                }
                state.ended(tenant.id(), app.app());
            }
        }
        state.tokens();
        state.links();
        List<String> amiss = fit.apply(state);
        if (!amiss.isEmpty()) {
            throw bad("it does not fit this host's settings: " + String.join("; ", amiss)
                    + "; then start the host again and restore once more");
        }
        return new Contents(manifest, tenants.size(), artifacts.size());
    }
}
