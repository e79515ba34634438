package io.hostel.store.archive;

import io.hostel.api.ArtifactFormat;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An archive of which only regular files are of interest, read from its first entry to its last. */
public final class PackedFiles implements AutoCloseable {
    private final OpenArchive archive;
    private final TarReader tar;

    /**
     * @param regular whether it is a file at all
     * @param content to be read before the next one is asked for; what is left of it is skipped
     */
    public record PackedFile(String name, boolean regular, long size, InputStream content) {}

    /**
     * @param body closed by whoever opened it
     * @throws io.hostel.api.RefusedException BadArchive where the body is none, here and in all that is read
     * @throws BodyBrokenException where the body breaks off, here and in all that is read
     */
    public PackedFiles(ArtifactFormat format, InputStream body) throws IOException {
        archive = OpenArchive.of(format, new ArchiveBody(body, Long.MAX_VALUE));
        tar = new TarReader(archive);
    }

    /** Null after the last: then the archive has been read to its very end. */
    public @Nullable PackedFile next() throws IOException {
        TarReader.Entry entry = tar.next();
        if (entry == null) {
            archive.drain();
            return null;
        }
        return new PackedFile(entry.name(), entry.type() == '0', entry.size(), tar.content());
    }

    @Override
    public void close() throws IOException {
        archive.close();
    }
}
