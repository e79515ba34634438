package io.hostel.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Quotas by project: a number that files of ext4 and XFS have besides owner and group, and that new ones inherit from a
 * directory; quotactl(2), include/uapi/linux/quota.h. The file system is told by any descriptor on it.
 */
public final class ProjectQuota {
    /** No project: what files have that were given to none. */
    public static final int NONE = 0;

    private static final int Q_GETQUOTA = 0x800007;
    private static final int Q_SETQUOTA = 0x800008;
    private static final int Q_GETNEXTQUOTA = 0x800009;
    private static final int Q_XGETQSTAT = 'X' << 8 | 5;
    private static final int PRJQUOTA = 2;
    private static final int QIF_LIMITS = 1 | 4;
    private static final int DQBLK_BYTES = 72;
    private static final int DQBLK_UNIT = 1024;
    private static final int QSTAT_BYTES = 80;
    private static final byte QSTAT_VERSION = 1;
    private static final int COUNTED_AND_ENFORCED = 1 << 4 | 1 << 5; // FS_QUOTA_PDQ_ACCT, FS_QUOTA_PDQ_ENFD

    private static final long FSGETXATTR = 0x801c581fL;
    private static final long FSSETXATTR = 0x401c5820L;
    private static final int FSXATTR_BYTES = 28;
    private static final int INHERITED = 0x200; // FS_XFLAG_PROJINHERIT

    private ProjectQuota() {}

    /**
     * What a project takes and may take; a limit of 0 is none.
     *
     * @param project its number, never 0, which is everybody's
     */
    public record Usage(int project, long bytes, long limitBytes, long inodes, long limitInodes) {
        public boolean empty() {
            return bytes == 0 && inodes == 0;
        }
    }

    /** Whether the file system counts projects' blocks and holds them to their limits. */
    public static boolean enforced(Fd on) {
        try (Memory memory = new Memory()) {
            Memory.Block state = memory.block(QSTAT_BYTES);
            state.view().put(0, QSTAT_VERSION);
            quotactl(on, Q_XGETQSTAT, 0, state.address(), "ask for quotas of");
            return (state.view().getShort(2) & COUNTED_AND_ENFORCED) == COUNTED_AND_ENFORCED;
        } catch (SysException e) {
            return false; // ENOSYS, ESRCH, ENOTTY: there are none, in as many words as there are file systems
        }
    }

    /** @param bytes rounded up to the KiB */
    public static void limit(Fd on, int project, long bytes, long inodes) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block to = memory.block(DQBLK_BYTES);
            to.view().putLong(0, (bytes + DQBLK_UNIT - 1) / DQBLK_UNIT).putLong(24, inodes);
            to.view().putInt(64, QIF_LIMITS);
            quotactl(
                    on,
                    Q_SETQUOTA,
                    project,
                    to.address(),
                    "limit project " + Integer.toUnsignedString(project) + " of");
        }
    }

    public static Usage usage(Fd on, int project) throws SysException {
        try {
            return get(on, Q_GETQUOTA, project);
        } catch (SysException e) {
            if (e.is(Errno.ENOENT)) return new Usage(project, 0, 0, 0, 0); // XFS, of one that has never been
            throw e;
        }
    }

    /**
     * Of the first project from this number on that the file system knows of; ENOENT (ESRCH before 4.20) where there is none.
     */
    public static Usage next(Fd on, int from) throws SysException {
        return get(on, Q_GETNEXTQUOTA, from);
    }

    private static Usage get(Fd on, int command, int project) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block to = memory.block(DQBLK_BYTES);
            quotactl(on, command, project, to.address(), "read quotas of");
            int of = command == Q_GETNEXTQUOTA ? to.view().getInt(68) : project;
            return new Usage(
                    of,
                    to.view().getLong(16),
                    to.view().getLong(0) * DQBLK_UNIT,
                    to.view().getLong(40),
                    to.view().getLong(24));
        }
    }

    /** The project of a file or directory. */
    public static int projectOf(Fd fd) throws SysException {
        byte[] attributes = new byte[FSXATTR_BYTES];
        Descriptors.ioctl(fd, FSGETXATTR, attributes, "read the project of");
        return view(attributes).getInt(12);
    }

    /**
     * From now on what is made in the directory is the project's, and nothing of another one can be moved into it; given to
     * {@link #NONE}, it passes on nothing.
     */
    public static void give(Fd directory, int project) throws SysException {
        byte[] attributes = new byte[FSXATTR_BYTES];
        Descriptors.ioctl(directory, FSGETXATTR, attributes, "read the project of");
        ByteBuffer view = view(attributes);
        int flags = view.getInt(0);
        view.putInt(0, project == NONE ? flags & ~INHERITED : flags | INHERITED).putInt(12, project);
        Descriptors.ioctl(directory, FSSETXATTR, attributes, "set the project of");
    }

    private static ByteBuffer view(byte[] structure) {
        return ByteBuffer.wrap(structure).order(ByteOrder.nativeOrder());
    }

    private static void quotactl(Fd on, int command, int id, long address, String operation) throws SysException {
        int whole = command << 8 | PRJQUOTA;
        Syscall.call(Syscall.QUOTACTL_FD, operation, on.toString(), on.number(), whole, id, address);
    }
}
