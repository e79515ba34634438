package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What goes to /app: a directory, sent as a tar, or an archive that is one already. */
final class Artifact {
    private Artifact() {}

    /** @return the answer of the host: digest and size */
    static JsonNode upload(Connection host, String tenant, Path source) throws IOException {
        String path = "/v1/tenants/" + Connection.encode(tenant) + "/artifacts";
        if (Files.isDirectory(source)) {
            Path archive = Files.createTempFile("hostel-", ".tar");
            try {
                TarFile.write(source, archive);
                return host.upload(path, "application/x-tar", archive);
            } finally {
                Files.deleteIfExists(archive);
            }
        }
        if (!Files.isReadable(source)) {
            throw new Trouble(Hostel.FAILED, "there is no readable directory or archive " + source);
        }
        return host.upload(path, mediaType(source), source);
    }

    /** By the first bytes: RFC 1952, RFC 8878. */
    private static String mediaType(Path archive) throws IOException {
        byte[] magic;
        try (InputStream in = Files.newInputStream(archive)) {
            magic = in.readNBytes(4);
        }
        if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
            return "application/gzip";
        }
        boolean zstd = magic.length == 4
                && (magic[0] & 0xff) == 0x28
                && (magic[1] & 0xff) == 0xb5
                && (magic[2] & 0xff) == 0x2f
                && (magic[3] & 0xff) == 0xfd;
        return zstd ? "application/zstd" : "application/x-tar";
    }
}
