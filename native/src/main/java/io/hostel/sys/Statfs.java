package io.hostel.sys;

/**
 * What statfs(2) tells of a mounted file system.
 *
 * @param type its magic number, include/uapi/linux/magic.h
 * @param bytes all that it has
 * @param availableBytes what an unprivileged user can still take
 * @param files how many it has room for; 0 where it makes room for any number
 * @param freeFiles how many more
 */
public record Statfs(long type, long bytes, long availableBytes, long files, long freeFiles) {
    public static final long BTRFS = 0x9123683EL;
    public static final long TMPFS = 0x01021994L;
    public static final long NSFS = 0x6e736673L;
    public static final long CGROUP2 = 0x63677270L;

    private static final int STATFS_BYTES = 120;

    public static Statfs of(String path) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block to = memory.block(STATFS_BYTES);
            Syscall.check(Libc.LIBC.statfs(memory.string(path), to.address()), "statfs", path);
            long block = to.view().getLong(8);
            return new Statfs(
                    to.view().getLong(0),
                    block * to.view().getLong(16),
                    block * to.view().getLong(32),
                    to.view().getLong(40),
                    to.view().getLong(48));
        }
    }
}
