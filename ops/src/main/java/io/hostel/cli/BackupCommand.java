package io.hostel.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches a backup into a file, which is there as a whole or not at all. */
@Command(
        name = "backup",
        description = {
            "Writes all of the host's state into FILE while it serves: tenants, tokens, apps, artifacts.",
            "FILE opens the host to whoever reads it: keep it as safe as the operator token. Operator only."
        })
final class BackupCommand extends HostCommand {
    private static final long PROGRESS_EVERY_NANOS = 500_000_000;

    @Parameters(index = "0", paramLabel = "FILE", description = "what to write, a tar archive packed by zstd")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path file;

    @Option(
            names = {"-f", "--force"},
            description = "replaces FILE where it is there")
    private boolean force;

    @Override
    int run() {
        Path target = file.toAbsolutePath();
        if (!force && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new Trouble(Hostel.FAILED, file + " is there already; --force replaces it");
        }
        Path unfinished = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid());
        long bytes;
        try {
            try {
                bytes = fetch(unfinished);
                settle(unfinished, target);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        } catch (FileAlreadyExistsException e) {
            throw new Trouble(Hostel.FAILED, e.getMessage() + " is there already; --force replaces it");
        } catch (IOException e) {
            throw new Trouble(Hostel.FAILED, "no backup was made: " + e);
        }
        return show(
                object().put("file", target.toString()).put("bytes", bytes),
                "Backed up to " + file + ", " + Units.size(bytes));
    }

    private long fetch(Path unfinished) throws IOException {
        byte[] buffer = new byte[65_536];
        long bytes = 0;
        try (InputStream in = host().download("/v1/backup");
                FileChannel out = FileChannel.open(
                        unfinished,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            long told = System.nanoTime();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                ByteBuffer rest = ByteBuffer.wrap(buffer, 0, count);
                while (rest.hasRemaining()) {
                    bytes += out.write(rest);
                }
                if (System.nanoTime() - told > PROGRESS_EVERY_NANOS) {
                    told = System.nanoTime();
                    progress(Units.size(bytes));
                }
            }
            out.force(true);
        }
        progress("");
        return bytes;
    }

    private void settle(Path unfinished, Path target) throws IOException {
        if (force) {
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } else {
            // Unlike rename(2), link(2) replaces nothing that has come meanwhile.
            Files.createLink(target, unfinished);
            Files.delete(unfinished);
        }
        try (FileChannel directory = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
