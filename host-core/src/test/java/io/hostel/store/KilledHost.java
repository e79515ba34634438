package io.hostel.store;

import io.hostel.api.ArtifactFormat;
import io.hostel.store.archive.Tar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** A host to be killed: says on stdout what it has done, and never ends by itself. */
public final class KilledHost {
    private KilledHost() {}

    public static void main(String[] arguments) throws IOException {
        Path dir = Path.of(arguments[1]);
        if (arguments[0].equals("record")) {
            record(dir);
        } else {
            put(dir);
        }
    }

    private static void record(Path dir) {
        try (SqliteDesiredState state = SqliteDesiredState.open(dir)) {
            for (int number = 1; ; number++) {
                String tenant = "t" + number;
                state.createTenant(StoredThings.tenant(tenant, number), StoredThings.token(tenant, "first"));
                state.appendEvent(StoredThings.NOW, Optional.of(tenant), "tenant.created", Map.of());
                System.out.println(number);
            }
        }
    }

    private static void put(Path dir) throws IOException {
        byte[] tar = new Tar()
                .file("a", 0644, new byte[300_000])
                .file("b", 0644, new byte[300_000])
                .bytes();
        InputStream half = new ByteArrayInputStream(Arrays.copyOf(tar, 400_000)) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                int count = super.read(buffer, offset, length);
                if (count < 0) {
                    System.out.println("half");
                    waitForTheEnd();
                }
                return count;
            }
        };
        DirectoryArtifacts.open(dir).put(ArtifactFormat.TAR, half, 10 << 20, 1_000);
    }

    private static void waitForTheEnd() {
        try {
            new java.util.concurrent.CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
