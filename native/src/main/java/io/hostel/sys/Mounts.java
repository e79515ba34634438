package io.hostel.sys;

/** The mount tree of the calling thread's mount namespace: mount(2), umount2(2), open_tree(2), move_mount(2), mount_setattr(2), fsopen(2). */
public final class Mounts {
    public static final long READ_ONLY = 1;
    public static final long NOSUID = 2;
    public static final long NODEV = 4;
    public static final long NOEXEC = 8;
    public static final long REMOUNT = 32;
    public static final long NOATIME = 1024;
    public static final long BIND = 4096;
    public static final long RECURSIVE = 16384;
    public static final long PRIVATE = 1 << 18;
    public static final long SLAVE = 1 << 19;

    /** MNT_DETACH: out of sight at once, gone when nobody uses it. */
    public static final int DETACH = 2;

    public static final int UMOUNT_NOFOLLOW = 8;

    /** include/uapi/linux/mount.h: MOUNT_ATTR_IDMAP. */
    public static final long ATTR_IDMAP = 0x00100000;

    private static final int OPEN_TREE_CLONE = 1;
    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int MOUNT_ATTR_BYTES = 32;

    private Mounts() {}

    /** Empty source, type or options are passed as none. */
    public static void mount(String source, String target, String type, long flags, String options)
            throws SysException {
        try (Memory memory = new Memory()) {
            int result = Libc.LIBC.mount(
                    optional(memory, source),
                    memory.string(target),
                    optional(memory, type),
                    flags,
                    optional(memory, options));
            Syscall.check(result, "mount", target);
        }
    }

    public static void unmount(String target, int flags) throws SysException {
        try (Memory memory = new Memory()) {
            Syscall.check(Libc.LIBC.umount2(memory.string(target), flags), "unmount", target);
        }
    }

    /** A detached copy of the mount at a path, and of those below it where {@code recursive}. */
    public static Fd cloneTree(String path, boolean recursive) throws SysException {
        long flags = OPEN_TREE_CLONE | OpenFile.CLOEXEC | (recursive ? AT_RECURSIVE : 0);
        try (Memory memory = new Memory()) {
            long fd = Syscall.call(Syscall.OPEN_TREE, "open_tree", path, AT_FDCWD, memory.string(path), flags);
            return Fd.of((int) fd, path);
        }
    }

    /** A new file system that is in no mount tree and goes when the descriptor is closed; fsopen(2), fsconfig(2), fsmount(2). */
    public static Fd detached(String type) throws SysException {
        try (Memory memory = new Memory()) {
            long made = Syscall.call(Syscall.FSOPEN, "fsopen", type, memory.string(type), FSOPEN_CLOEXEC);
            try (Fd fs = Fd.of((int) made, type)) {
                Syscall.call(Syscall.FSCONFIG, "fsconfig", type, fs.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
                long root = Syscall.call(Syscall.FSMOUNT, "fsmount", type, fs.number(), FSMOUNT_CLOEXEC, 0);
                return Fd.of((int) root, "a file system of type " + type);
            }
        }
    }

    /** Mounts a detached tree. */
    public static void move(Fd tree, String target) throws SysException {
        try (Memory memory = new Memory()) {
            Syscall.call(
                    Syscall.MOVE_MOUNT,
                    "move_mount",
                    target,
                    tree.number(),
                    memory.string(""),
                    AT_FDCWD,
                    memory.string(target),
                    MOVE_MOUNT_F_EMPTY_PATH);
        }
    }

    /**
     * mount_setattr(2) on a tree by descriptor.
     *
     * @param userns namespace for {@link #ATTR_IDMAP}; -1 where it is not set
     */
    public static void setAttributes(Fd tree, boolean recursive, long set, long clear, long propagation, int userns)
            throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block attributes = memory.block(MOUNT_ATTR_BYTES);
            attributes.view().putLong(0, set).putLong(8, clear).putLong(16, propagation);
            attributes.view().putLong(24, userns < 0 ? 0 : userns);
            Syscall.call(
                    Syscall.MOUNT_SETATTR,
                    "mount_setattr",
                    tree.toString(),
                    tree.number(),
                    memory.string(""),
                    AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                    attributes.address(),
                    MOUNT_ATTR_BYTES);
        }
    }

    private static long optional(Memory memory, String text) {
        return text.isEmpty() ? 0 : memory.string(text);
    }
}
