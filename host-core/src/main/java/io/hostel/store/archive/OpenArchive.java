package io.hostel.store.archive;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The decompressed bytes of an archive; what goes wrong in reading them is explained here, so all else is the disk's fault. */
final class OpenArchive extends FilterInputStream {
    private static final int AFTER_THE_END = 1 << 20;

    private final ArtifactFormat format;
    private final ArchiveBody body;

    private OpenArchive(InputStream decompressed, ArtifactFormat format, ArchiveBody body) {
        super(decompressed);
        this.format = format;
        this.body = body;
    }

    /**
     * @throws RefusedException BadArchive where the body does not begin as its format says
     * @throws BodyBrokenException where the body breaks off
     */
    static OpenArchive of(ArtifactFormat format, ArchiveBody body) throws IOException {
        try {
            return new OpenArchive(Decompression.of(format, body), format, body);
        } catch (IOException | RuntimeException e) {
            throw explained(e, format, body);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int count = super.read(buffer, offset, length);
            // GZIPInputStream takes a failure between two members for the end.
            body.rethrowFailure();
            return count;
        } catch (IOException | RuntimeException e) {
            throw explained(e, format, body);
        }
    }

    /** Reads the padding behind the end mark, so that checksums behind that are verified, and the rest for the digest. */
    void drain() throws IOException {
        byte[] scratch = new byte[65_536];
        long drained = 0;
        for (int count = read(scratch); count >= 0; count = read(scratch)) {
            drained += count;
            if (drained > AFTER_THE_END) {
                throw TarReader.damaged("more than " + AFTER_THE_END + " bytes follow its end mark");
            }
        }
        try {
            body.drain();
        } catch (IOException e) {
            throw explained(e, format, body);
        }
    }

    /** Tells a broken connection from a damaged archive; decompressors throw unchecked exceptions at the latter, too. */
    private static RefusedException explained(Exception e, ArtifactFormat format, ArchiveBody body)
            throws BodyBrokenException {
        try {
            body.rethrowFailure();
        } catch (IOException broken) {
            throw new BodyBrokenException(broken);
        }
        if (e instanceof RefusedException refused) {
            return refused;
        }
        String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new RefusedException(new Refusal.BadArchive(
                "the body is no intact " + format.mediaType() + " archive: " + EntryPath.printable(words)));
    }
}
