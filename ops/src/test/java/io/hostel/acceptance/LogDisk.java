package io.hostel.acceptance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A small disk for a host's logs. It is there before the host starts, and goes after it: to be registered before it. */
final class LogDisk implements BeforeAllCallback, AfterAllCallback {
    private static final int ROOM = 16 << 20;
    private final Path directory =
            Shell.disk().resolve("hostel-logs" + ProcessHandle.current().pid());

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Files.createDirectory(directory);
        Shell.run("mount", "-t", "tmpfs", "-o", "size=" + ROOM, "logs", directory.toString());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        Shell.run("umount", directory.toString());
        Files.delete(directory);
    }

    Path directory() {
        return directory;
    }

    /** Takes all the room that there is, and more of it than there may be without the disk's being full. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(ballast())) {
            byte[] page = new byte[4096];
            for (int i = 0; i < ROOM; i += page.length) {
                out.write(page);
            }
        } catch (IOException full) {
            return;
        }
        throw new AssertionError("the disk takes more than its size");
    }

    void makeRoom() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private Path ballast() {
        return directory.resolve("ballast");
    }
}
