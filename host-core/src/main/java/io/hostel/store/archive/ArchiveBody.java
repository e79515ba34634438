package io.hostel.store.archive;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The bytes as they were sent: digests and counts them, and remembers when reading them failed, so that a connection that broke
 * is never mistaken for an archive that is damaged.
 */
final class ArchiveBody extends FilterInputStream {
    private final MessageDigest digest;
    private final long most;
    private long read;
    private @Nullable IOException failure;

    /** @param most bytes after which the body is too large */
    ArchiveBody(InputStream in, long most) {
        super(in);
        this.most = most;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count;
        try {
            count = super.read(buffer, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        if (count > 0) {
            digest.update(buffer, offset, count);
            read += count;
            if (read > most) {
                throw new RefusedException(new Refusal.TooLarge("the archive is larger than " + most + " bytes"));
            }
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] scratch = new byte[(int) Math.min(count, 8_192)];
        long skipped = 0;
        while (skipped < count) {
            int step = read(scratch, 0, (int) Math.min(scratch.length, count - skipped));
            if (step < 0) {
                break;
            }
            skipped += step;
        }
        return skipped;
    }

    /** GZIPInputStream looks for a further member only where something seems available; over a network nothing may be yet. */
    @Override
    public int available() {
        return 1;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** The body is closed by whoever opened it: where an archive is refused, the rest of it may still have to be read. */
    @Override
    public void close() {}

    void drain() throws IOException {
        byte[] scratch = new byte[65_536];
        while (read(scratch, 0, scratch.length) >= 0) {
            // Only the digest wants these bytes.
        }
    }

    /** @throws IOException what reading failed with, where it did */
    void rethrowFailure() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    /** Digest of all that was read, {@code sha256:} and hex. */
    String digest() {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }
}
