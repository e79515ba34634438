package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.GZIPInputStream;

/**
 * The pool's file: a copy of the template that the build made, with an identity of its own and its whole size reserved on the
 * disk, so that a tenant is refused at its own limit and never because the disk has filled up.
 */
final class PoolFile {
    /** Size of the template. */
    static final long LEAST_BYTES = 128L << 20;

    private static final String TEMPLATE = "layers-template.gz.gz";
    private static final int CHUNK_BYTES = 64 << 10;

    private final Path file;

    PoolFile(Path file) {
        this.file = file;
    }

    /** Makes it where there is none, and reserves what is lacking to its size; it never shrinks. */
    void ensure(long bytes) throws KernelException {
        try {
            if (!Files.exists(file)) make(bytes);
            try (Fd fd = OpenFile.open(file.toString(), OpenFile.WRITE)) {
                reserve(fd, bytes);
            }
        } catch (SysException e) {
            throw Refused.by(e, e.is(Errno.ENOSPC) ? tooLarge(bytes) : "");
        } catch (IOException e) {
            throw new KernelException(Errno.EIO.name(), "make the layers' pool", file.toString(), e.toString());
        }
    }

    /** Under another name until it is whole: what a crash leaves half made is overwritten by the next try. */
    private void make(long bytes) throws SysException, IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        int flags = OpenFile.READ_WRITE | OpenFile.CREATE | OpenFile.TRUNCATE | OpenFile.NOFOLLOW;
        try (Fd fd = OpenFile.open(unfinished.toString(), flags, 0600)) {
            copyTemplate(fd);
            renewIdentity(fd);
            reserve(fd, bytes);
            Descriptors.sync(fd);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Compressed twice, because gzip at most divides zeros by a thousand; the zeros become holes. */
    private static void copyTemplate(Fd to) throws SysException, IOException {
        try (InputStream resource = PoolFile.class.getResourceAsStream(TEMPLATE)) {
            if (resource == null) throw new IOException("the build lacks the resource " + TEMPLATE);
            InputStream plain = new GZIPInputStream(new GZIPInputStream(resource, CHUNK_BYTES), CHUNK_BYTES);
            byte[] zeros = new byte[CHUNK_BYTES];
            byte[] chunk = new byte[CHUNK_BYTES];
            long offset = 0;
            for (int got = plain.readNBytes(chunk, 0, CHUNK_BYTES);
                    got > 0;
                    got = plain.readNBytes(chunk, 0, CHUNK_BYTES)) {
                boolean hole = Arrays.equals(chunk, 0, got, zeros, 0, got);
                if (!hole) writeAt(to, chunk, got, offset);
                offset += got;
            }
            if (offset != LEAST_BYTES) throw new IOException("the template has " + offset + " bytes");
        }
    }

    private static void renewIdentity(Fd file) throws SysException {
        UUID identity = UUID.randomUUID();
        byte[] block = new byte[BtrfsSuperblock.BYTES];
        for (long offset : BtrfsSuperblock.OFFSETS) {
            if (offset + BtrfsSuperblock.BYTES > LEAST_BYTES) continue;
            Descriptors.pread(file, ByteBuffer.wrap(block), offset);
            BtrfsSuperblock.renew(block, identity);
            writeAt(file, block, block.length, offset);
        }
    }

    private static void writeAt(Fd to, byte[] from, int length, long offset) throws SysException {
        ByteBuffer rest = ByteBuffer.wrap(from, 0, length);
        while (rest.hasRemaining()) Descriptors.pwrite(to, rest, offset + rest.position());
    }

    private static void reserve(Fd file, long bytes) throws SysException {
        Stat stat = Stat.of(file);
        long wanted = Math.max(bytes, stat.bytes());
        if (stat.blocks() * 512 < wanted) Descriptors.fallocate(file, 0, wanted);
    }

    private String tooLarge(long bytes) {
        return "the disk of " + file + " lacks room for " + (bytes >> 20)
                + " MiB: make some, or configure a smaller pool";
    }
}
