package io.hostel.kernel.linux;

import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A mounted btrfs by its root directory: subvolumes, quota groups and size by ioctl; include/uapi/linux/btrfs.h.
 */
final class BtrfsVolume implements AutoCloseable {
    /** Subvolumes that are made have this number or a higher one. */
    static final long FIRST_SUBVOLUME = 256;

    private static final int VOL_ARGS_BYTES = 4096;
    private static final int VOL_NAME = 8;
    private static final long RESIZE = request(1, 3, VOL_ARGS_BYTES);
    private static final long SUBVOL_CREATE = request(1, 14, VOL_ARGS_BYTES);
    private static final long SNAP_DESTROY = request(1, 15, VOL_ARGS_BYTES);
    private static final long TREE_SEARCH = request(3, 17, VOL_ARGS_BYTES);
    private static final long INO_LOOKUP = request(3, 18, VOL_ARGS_BYTES);
    private static final long DEV_INFO = request(3, 30, 4096);
    private static final long FS_INFO = request(2, 31, 1024);
    private static final long BALANCE_V2 = request(3, 32, 1024);
    private static final long QUOTA_CTL = request(3, 40, 16);
    private static final long QGROUP_CREATE = request(1, 42, 16);
    private static final long QGROUP_LIMIT = request(2, 43, 48);
    private static final long QUOTA_RESCAN = request(1, 44, 64);
    private static final long QUOTA_RESCAN_WAIT = request(0, 46, 0);
    private static final long BALANCE_METADATA = 4;
    private static final int QUOTA_ENABLE = 1;
    private static final int QUOTA_ENABLE_SIMPLE = 4;
    private static final int LIMIT_REFERENCED = 1;
    private static final int LIMIT_EXCLUSIVE = 2;
    private static final long QUOTA_TREE = 8;
    private static final int QGROUP_STATUS = 240;
    private static final int QGROUP_INFO = 242;
    private static final int SEARCH_HEADER_BYTES = 32;
    private static final int SEARCH_RESULTS = 104;

    private final Fd root;

    private BtrfsVolume(Fd root) {
        this.root = root;
    }

    static BtrfsVolume open(String path) throws SysException {
        return new BtrfsVolume(OpenFile.open(path, OpenFile.READ | OpenFile.DIRECTORY));
    }

    /** To the size of its device. */
    void growToDevice() throws SysException {
        Descriptors.ioctl(root, RESIZE, named("max"), "grow");
    }

    void createSubvolume(String name) throws SysException {
        Descriptors.ioctl(root, SUBVOL_CREATE, named(name), "make subvolume " + name + " in");
    }

    /** Its blocks are given back later, by the file system's cleaner. */
    void destroySubvolume(String name) throws SysException {
        Descriptors.ioctl(root, SNAP_DESTROY, named(name), "destroy subvolume " + name + " of");
    }

    /** Number of the subvolume that a directory in the root belongs to: its own, or the root's, which is 5. */
    long subvolume(String name) throws SysException {
        byte[] lookup = new byte[VOL_ARGS_BYTES];
        little(lookup).putLong(8, FIRST_SUBVOLUME);
        int flags = OpenFile.READ | OpenFile.DIRECTORY | OpenFile.NOFOLLOW;
        try (Fd directory = OpenFile.openAt(root, name, flags, 0)) {
            Descriptors.ioctl(directory, INO_LOOKUP, lookup, "look up");
        }
        return little(lookup).getLong(0);
    }

    /** Enabled already: nothing changes. Kernels before 6.7 refuse {@code simple} with EINVAL. */
    void enableQuotas(boolean simple) throws SysException {
        byte[] control = new byte[16];
        little(control).putLong(0, simple ? QUOTA_ENABLE_SIMPLE : QUOTA_ENABLE);
        Descriptors.ioctl(root, QUOTA_CTL, control, "enable quotas of");
    }

    /** Counts everything anew; EINPROGRESS where that is going on. */
    void rescanQuotas() throws SysException {
        Descriptors.ioctl(root, QUOTA_RESCAN, new byte[64], "rescan quotas of");
    }

    void awaitRescan() throws SysException {
        Descriptors.ioctl(root, QUOTA_RESCAN_WAIT, 0, "await the rescan of");
    }

    /**
     * Layers share no blocks, so what one refers to it has for itself: two limits on the same.
     *
     * @param bytes the most that a subvolume may refer to
     * @param exclusiveBytes the most that it may have for itself
     */
    void limit(long subvolume, long bytes, long exclusiveBytes) throws SysException {
        limit(subvolume, LIMIT_REFERENCED | LIMIT_EXCLUSIVE, bytes, exclusiveBytes);
    }

    /** The other limit stays. */
    void limit(long subvolume, long bytes) throws SysException {
        limit(subvolume, LIMIT_REFERENCED, bytes, 0);
    }

    private void limit(long subvolume, long which, long bytes, long exclusiveBytes) throws SysException {
        byte[] limit = new byte[48];
        ByteBuffer view = little(limit).putLong(0, subvolume);
        view.putLong(8, which).putLong(16, bytes).putLong(24, exclusiveBytes);
        Descriptors.ioctl(root, QGROUP_LIMIT, limit, "limit subvolume " + subvolume + " of");
    }

    /** As its directory in /sys/fs/btrfs is called. */
    String identity() throws SysException {
        byte[] found = new byte[1024];
        Descriptors.ioctl(root, FS_INFO, found, "read the identity of");
        ByteBuffer view = ByteBuffer.wrap(found);
        return new UUID(view.getLong(16), view.getLong(24)).toString();
    }

    /** @param allocated of its bytes, how many are in block groups, whether anything is in those or not */
    record Device(long bytes, long allocated) {}

    /** Its one device. */
    Device device() throws SysException {
        byte[] found = new byte[4096];
        ByteBuffer view = little(found).putLong(0, 1);
        Descriptors.ioctl(root, DEV_INFO, found, "read the size of");
        return new Device(view.getLong(32), view.getLong(24));
    }

    /** Moves metadata into new block groups, which are as large as the device makes them; as good as empty, that takes some 50 ms. */
    void renewMetadata() throws SysException {
        byte[] balance = new byte[1024];
        little(balance).putLong(0, BALANCE_METADATA);
        Descriptors.ioctl(root, BALANCE_V2, balance, "balance metadata of");
    }

    /** EBUSY until the cleaner has given the subvolume's blocks back. */
    void destroyQuotaGroup(long subvolume) throws SysException {
        byte[] destroy = new byte[16];
        little(destroy).putLong(8, subvolume);
        Descriptors.ioctl(root, QGROUP_CREATE, destroy, "destroy quota group " + subvolume + " of");
    }

    /** Subvolumes that have a quota group, or had. */
    Set<Long> quotaGroups() throws SysException {
        Set<Long> groups = new TreeSet<>();
        long from = FIRST_SUBVOLUME;
        while (true) {
            List<Found> found = search(QGROUP_INFO, from, (1L << 48) - 1); // above: groups of groups
            if (found.isEmpty()) return groups;
            found.forEach(each -> groups.add(each.offset()));
            from = found.get(found.size() - 1).offset() + 1;
        }
    }

    /** BTRFS_QGROUP_STATUS_FLAG_*; 0 where quotas are off. */
    long quotaStatus() throws SysException {
        List<Found> found = search(QGROUP_STATUS, 0, 0);
        return found.isEmpty() ? 0 : found.get(0).item().getLong(16);
    }

    /** Items of the quota tree with objectid 0, as many as fit into one answer. */
    private List<Found> search(int type, long fromOffset, long toOffset) throws SysException {
        byte[] search = new byte[VOL_ARGS_BYTES];
        ByteBuffer view = little(search).putLong(0, QUOTA_TREE);
        view.putLong(24, fromOffset).putLong(32, toOffset).putLong(48, -1);
        view.putInt(56, type).putInt(60, type).putInt(64, Integer.MAX_VALUE);
        try {
            Descriptors.ioctl(root, TREE_SEARCH, search, "search quotas of");
        } catch (SysException e) {
            if (e.is(Errno.ENOENT)) return List.of(); // no quota tree: quotas are off
            throw e;
        }
        List<Found> found = new ArrayList<>();
        int at = SEARCH_RESULTS;
        for (int left = view.getInt(64); left > 0; left--) {
            int length = view.getInt(at + 28);
            long offset = view.getLong(at + 16);
            int body = at + SEARCH_HEADER_BYTES;
            found.add(new Found(offset, view.slice(body, length).order(ByteOrder.LITTLE_ENDIAN)));
            at = body + length;
        }
        return found;
    }

    @Override
    public void close() {
        root.close();
    }

    private static byte[] named(String name) {
        byte[] arguments = new byte[VOL_ARGS_BYTES];
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(utf8, 0, arguments, VOL_NAME, utf8.length);
        return arguments;
    }

    private static ByteBuffer little(byte[] structure) {
        return ByteBuffer.wrap(structure).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** _IOC of BTRFS_IOCTL_MAGIC; include/uapi/asm-generic/ioctl.h. */
    private static long request(long direction, int number, int bytes) {
        return direction << 30 | (long) bytes << 16 | 0x94 << 8 | number;
    }

    private record Found(long offset, ByteBuffer item) {}
}
