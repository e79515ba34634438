package io.hostel.sys;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Files that the kernel makes up, in /proc, /sys and control groups: read whole, written by a single write(2), which is what
 * carries the kernel's verdict.
 */
public final class KernelFile {
    private static final int CHUNK_BYTES = 4096;

    private KernelFile() {}

    public static String read(String path) throws SysException {
        try (Fd fd = OpenFile.open(path, OpenFile.READ)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (Descriptors.read(fd, chunk) > 0) {
                all.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            }
            return all.toString(StandardCharsets.UTF_8);
        } catch (SysException e) {
            throw new SysException(e.errno(), "read", path);
        }
    }

    public static void write(String path, String content) throws SysException {
        try (Fd fd = OpenFile.open(path, OpenFile.WRITE)) {
            Descriptors.write(fd, ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
        } catch (SysException e) {
            throw new SysException(e.errno(), "write " + content.strip() + " to", path);
        }
    }
}
