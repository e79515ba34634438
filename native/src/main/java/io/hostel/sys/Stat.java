package io.hostel.sys;

import java.nio.ByteBuffer;

/**
 * What statx(2) tells of a file.
 *
 * @param device major and minor as {@code major << 32 | minor}
 * @param mode type and permissions, see inode(7)
 * @param bytes its length
 * @param blocks what it takes on the disk, in 512 bytes
 */
public record Stat(long device, long inode, int mode, int uid, int gid, long bytes, long blocks) {
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BYTES = 256;

    /** Links are followed. */
    public static Stat of(String path) throws SysException {
        return of(AT_FDCWD, path, 0, path);
    }

    public static Stat ofLink(String path) throws SysException {
        return of(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, path);
    }

    public static Stat of(Fd fd) throws SysException {
        return of(fd.number(), "", AT_EMPTY_PATH, fd.toString());
    }

    public boolean sameFile(Stat other) {
        return device == other.device && inode == other.inode;
    }

    private static Stat of(int directory, String path, int flags, String target) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block to = memory.block(STATX_BYTES);
            int result = Libc.LIBC.statx(directory, memory.string(path), flags, STATX_BASIC_STATS, to.address());
            Syscall.check(result, "stat", target);
            ByteBuffer view = to.view(); // struct statx, include/uapi/linux/stat.h
            long device = (long) view.getInt(0x88) << 32 | Integer.toUnsignedLong(view.getInt(0x8c));
            return new Stat(
                    device,
                    view.getLong(0x20),
                    Short.toUnsignedInt(view.getShort(0x1c)),
                    view.getInt(0x14),
                    view.getInt(0x18),
                    view.getLong(0x28),
                    view.getLong(0x30));
        }
    }
}
