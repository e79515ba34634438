package io.hostel.kernel.linux;

import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What layers of a pool take, by the kernel's own count at any moment: /sys/fs/btrfs/UUID/qgroups. What {@code BTRFS_IOC_TREE_SEARCH}
 * tells of quota groups is as old as the last commit. What a layer was given is its group's exclusive limit, what it is held to the
 * referenced one.
 */
final class BtrfsRoom implements LayerDisk {
    /** As large as metadata's part of the pool is made when it is as good as empty; a quarter of that is kept for the host. */
    private static final int METADATA_PART = 16;

    private static final long MOST_METADATA_BYTES = 256L << 20;

    // The kernel makes block groups of a tenth of a file system of less than 10 GiB, and of 1 GiB at most.
    private static final int GROUPS = 10;
    private static final long MOST_GROUP_BYTES = 1L << 30;

    private static final String RECLAIMED_BELOW_PERCENT = "50";

    private static final int LIMITED = 1 | 2; // BTRFS_QGROUP_LIMIT_MAX_RFER, _MAX_EXCL

    private final Path mountPoint;
    private final Path sys;
    private final Map<String, Long> subvolumes = new ConcurrentHashMap<>();
    private final Map<String, Bounds> known = new ConcurrentHashMap<>();

    BtrfsRoom(Path mountPoint) throws SysException {
        this.mountPoint = mountPoint;
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            this.sys = Path.of("/sys/fs/btrfs", pool.identity());
        }
    }

    private record Group(long bytes, long free) {}

    /** What a layer's group was set to: nobody else does that, so it is read once, where an earlier daemon made it. */
    private record Bounds(long owner, long given, long bound) {}

    @Override
    public Space space() throws SysException {
        BtrfsVolume.Device device;
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            device = pool.device();
        }
        Group data = group("data", "bytes_may_use");
        Group metadata = group("metadata", "");
        long keptBytes = Math.min(LayerRoom.MOST_KEPT_BYTES, device.bytes() / LayerRoom.KEPT_PART);
        long keptMetadata = metadataBytes(device) / 4 + number(sys.resolve("allocation/global_rsv_size"));
        long unallocated = device.bytes() - device.allocated();
        // One more block group of data may be made for the first byte that has no room in those there are.
        long forMetadata = Math.max(0, unallocated - Math.min(MOST_GROUP_BYTES, device.bytes() / GROUPS));
        long spare = Math.min(data.free() + unallocated - keptBytes, metadata.free() + forMetadata - keptMetadata);
        long taken = device.allocated() - data.free() - metadata.free();
        return new Space(device.bytes(), new Amount(spare, Amount.ANY), taken, keptBytes);
    }

    /** What is promised to writes under way is not free for data; for metadata that is a guess, and a large one. */
    private Group group(String kind, String promised) throws SysException {
        Path at = sys.resolve("allocation").resolve(kind);
        long bytes = number(at.resolve("total_bytes"));
        long free = bytes;
        for (String taken : List.of("bytes_used", "bytes_pinned", "bytes_reserved", "bytes_readonly", promised)) {
            if (!taken.isEmpty()) free -= number(at.resolve(taken));
        }
        return new Group(bytes, free);
    }

    private static long metadataBytes(BtrfsVolume.Device device) {
        return Math.min(MOST_METADATA_BYTES, device.bytes() / METADATA_PART);
    }

    /** Whether a pool's metadata has less than is to be its part, and may be given that. */
    boolean lacksMetadata() throws SysException {
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            BtrfsVolume.Device device = pool.device();
            return number(sys.resolve("allocation/metadata/total_bytes")) < metadataBytes(device)
                    && device.bytes() - device.allocated() > metadataBytes(device);
        }
    }

    /**
     * Has the kernel move what is left in a block group of data that has become as good as empty, so that metadata may have the
     * group: bounds may be used up by either, and would stay narrow. From 5.19 on.
     */
    void reclaimData() throws SysException {
        KernelFile.write(sys.resolve("allocation/data/bg_reclaim_threshold").toString(), RECLAIMED_BELOW_PERCENT);
    }

    @Override
    public List<String> names() {
        return Directory.names(mountPoint.toString());
    }

    @Override
    public Layer read(String name) throws SysException {
        Path group = group(name);
        long used = used(group);
        Bounds bounds = known.get(name);
        if (bounds == null) {
            bounds = bounds(name, group);
            known.putIfAbsent(name, bounds);
        }
        return new Layer(
                name,
                bounds.owner(),
                new Amount(bounds.given(), Amount.ANY),
                new Amount(used, Amount.ANY),
                new Amount(bounds.bound(), Amount.ANY));
    }

    private Bounds bounds(String name, Path group) throws SysException {
        if ((number(group.resolve("limit_flags")) & LIMITED) != LIMITED) {
            throw new SysException(Errno.ENOENT, "find the limits of", name); // half made, and nobody's yet
        }
        return new Bounds(
                Stat.of(mountPoint.resolve(name).resolve("work").toString()).uid(),
                number(group.resolve("max_exclusive")),
                number(group.resolve("max_referenced")));
    }

    /** With what is promised to writes under way, as the kernel counts it against the limits. */
    long used(String name) throws SysException {
        return used(group(name));
    }

    private static long used(Path group) throws SysException {
        long sum = 0;
        for (String part : List.of("referenced", "rsv_data", "rsv_meta_pertrans", "rsv_meta_prealloc")) {
            sum += number(group.resolve(part));
        }
        return sum;
    }

    private Path group(String name) throws SysException {
        return sys.resolve("qgroups").resolve("0_" + subvolume(name));
    }

    /** Its number. */
    long subvolume(String name) throws SysException {
        Long known = subvolumes.get(name);
        if (known != null) return known;
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            long found = pool.subvolume(name);
            // A plain directory belongs to the root's subvolume, whose limit would be the whole pool's.
            if (found < BtrfsVolume.FIRST_SUBVOLUME) {
                throw new SysException(Errno.EINVAL, "use", name + ", which is no subvolume: remove it");
            }
            subvolumes.put(name, found);
            return found;
        }
    }

    /** A layer of that name is another one from now on, or none. */
    @Override
    public void forget(String name) {
        subvolumes.remove(name);
        known.remove(name);
    }

    @Override
    public void give(String name, Amount given, Amount most) throws SysException {
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            pool.limit(subvolume(name), most.bytes(), given.bytes());
        }
        known.put(name, new Bounds(0, given.bytes(), most.bytes()));
    }

    @Override
    public void bound(String name, Amount most) throws SysException {
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            pool.limit(subvolume(name), most.bytes());
        }
        known.computeIfPresent(name, (same, was) -> new Bounds(was.owner(), was.given(), most.bytes()));
    }

    private static long number(Path file) throws SysException {
        return Long.parseLong(KernelFile.read(file.toString()).strip());
    }
}
