package io.hostel.store.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.hostel.api.ArtifactFormat;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** From the bytes sent to the tar archive in them. Memory is bounded whatever the bytes say. */
final class Decompression {
    /** zstd keeps a window of this many bits' length per archive: 32 MiB, enough for its levels up to 20. */
    private static final int ZSTD_WINDOW_LOG = 25;

    private static final int BUFFER = 65_536;

    private Decompression() {}

    /** @throws IOException where the body does not begin as its format says, or breaks off */
    static InputStream of(ArtifactFormat format, ArchiveBody body) throws IOException {
        return switch (format) {
            case TAR -> body;
            case GZIP -> new GZIPInputStream(body, BUFFER);
            case ZSTD -> new ZstdInputStreamNoFinalizer(body).setLongMax(ZSTD_WINDOW_LOG);
        };
    }
}
