package io.hostel.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An ext4 with project quotas for a host's state, of 1 GiB. It is there before the host starts, and goes after it: to be
 * registered before it. Not every kernel can mount it.
 */
final class QuotaDisk implements BeforeAllCallback, AfterAllCallback {
    private final Path image =
            Shell.disk().resolve("hostel-quota" + ProcessHandle.current().pid());
    private final Path directory = Path.of(image + ".mounted");

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Files.createDirectory(directory);
        Shell.run("truncate", "-s", "1G", image.toString());
        Shell.run("mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota", image.toString());
        Shell.run("mount", "-o", "loop,prjquota", image.toString(), directory.toString());
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
}
