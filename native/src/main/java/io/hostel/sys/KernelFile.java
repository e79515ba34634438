package io.hostel.sys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Files that the kernel makes up, in /proc, /sys and control groups: read whole, written by a single write(2), which is what
 * carries the kernel's verdict.
 */
public final class KernelFile {
    /** Most are far shorter. */
    private static final int CHUNK_BYTES = 1024;

    private KernelFile() {}

    public static String read(String path) throws SysException {
        try (Fd fd = OpenFile.open(path, OpenFile.READ)) {
            ByteBuffer all = ByteBuffer.allocate(CHUNK_BYTES);
            while (Descriptors.read(fd, all) > 0) {
                if (!all.hasRemaining()) {
                    all = ByteBuffer.allocate(2 * all.capacity()).put(all.flip());
                }
            }
            return new String(all.array(), 0, all.position(), StandardCharsets.UTF_8);
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
