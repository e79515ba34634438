package io.hostel.acceptance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An ext4 without quotas for a host's state, of 1 GiB. It is there before the host starts, and goes after it: to be registered before it. */
final class SmallDisk implements BeforeAllCallback, AfterAllCallback {
    private static final int MIB = 1 << 20;

    private final Path image =
            Shell.disk().resolve("hostel-small" + ProcessHandle.current().pid());
    private final Path directory = Path.of(image + ".mounted");

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Files.createDirectory(directory);
        Shell.run("truncate", "-s", "1G", image.toString());
        Shell.run("mkfs.ext4", "-q", "-m", "0", image.toString());
        Shell.run("mount", "-o", "loop", image.toString(), directory.toString());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        Shell.run("umount", directory.toString());
        Files.delete(directory);
        Files.delete(image);
    }

    Path directory() {
        return directory;
    }

    /** Takes all but so many MiB. */
    void fillTo(int leftMib) throws IOException {
        try (OutputStream out = Files.newOutputStream(ballast())) {
            byte[] chunk = new byte[MIB];
            while (Files.getFileStore(directory).getUsableSpace() > (long) leftMib * MIB) {
                out.write(chunk);
                Shell.run("sync", "-f", ballast().toString());
            }
        }
    }

    void makeRoom() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private Path ballast() {
        return directory.resolve("ballast");
    }
}
