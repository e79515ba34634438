package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.kernel.linux.LayerDisk.Amount;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.Mounts;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Layers as subvolumes of a btrfs in a file. The pool's root and each layer belong to the host's root alone; only the upper
 * directory is a tenant's, and overlayfs passes no ioctl on to it: nobody inside can make a subvolume or change a limit.
 */
final class BtrfsLayers implements Layers {
    // Discarding would give the file's reserved blocks back to the disk; kernels from 6.2 on do it unless told not to.
    // What a removed layer took is free after a commit, so there is one every 5 s instead of every 30.
    private static final String OPTIONS = "nodiscard,commit=5";
    private static final long FLAGS = Mounts.NOSUID | Mounts.NODEV | Mounts.NOATIME;
    // btrfs resizes to no less than 256 MiB: a smaller pool stays as large as the template.
    private static final long LEAST_RESIZE_BYTES = 256L << 20;
    private static final int OF_ROOT_ALONE = 0700;

    private final Map<Path, BtrfsPool> pools = new ConcurrentHashMap<>();

    /** Goes on with a pool that an earlier daemon has mounted. */
    @Override
    public void open(Path file, Path mountPoint, long bytes, long floorBytes) throws KernelException {
        if (bytes < PoolFile.LEAST_BYTES) {
            throw new IllegalArgumentException("a pool has at least 128 MiB, not " + bytes + " bytes");
        }
        new PoolFile(file).ensure(bytes);
        try {
            mount(file, mountPoint);
            try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
                if (bytes >= LEAST_RESIZE_BYTES) pool.growToDevice();
                BtrfsPool opened = new BtrfsPool(mountPoint, floorBytes);
                BtrfsPool last = pools.put(mountPoint, opened);
                if (last != null) last.close();
                opened.quotas().enable(pool);
                Set<Long> layers = subvolumes(pool, mountPoint);
                opened.quotas().sweep(pool, layers);
                opened.begin(layers.isEmpty());
            }
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private static void mount(Path file, Path mountPoint) throws SysException, KernelException {
        Optional<MountEntry> there = MountEntry.at(mountPoint);
        try (LoopDevice device = LoopDevice.of(file)) {
            if (there.isPresent()) {
                if (!there.get().source().equals(device.path())) throw occupied(mountPoint, there.get());
                device.grow();
                return;
            }
            refuseSecondHost(device, file, mountPoint);
            device.grow();
            Files.createDirectories(mountPoint.toAbsolutePath().normalize());
            Mounts.mount(device.path(), mountPoint.toString(), "btrfs", FLAGS, OPTIONS);
            Mounts.mount("", mountPoint.toString(), "", Mounts.PRIVATE, "");
            Directory.make(mountPoint.toString(), OF_ROOT_ALONE);
        } catch (SysException e) {
            throw Refused.by(
                    e,
                    e.is(Errno.ENODEV) ? "the kernel has no btrfs: modprobe btrfs, or boot a kernel that has it" : "");
        } catch (IOException e) {
            throw new KernelException(Errno.EIO.name(), "make", mountPoint.toString(), e.toString());
        }
    }

    /** Two hosts with one pool would take each other's layers for leaked. */
    private static void refuseSecondHost(LoopDevice device, Path file, Path mountPoint)
            throws SysException, KernelException {
        for (MountEntry mount : MountEntry.all()) {
            if (!mount.source().equals(device.path())) continue;
            throw new KernelException(
                    Errno.EBUSY.name(),
                    "mount",
                    file + " at " + mountPoint,
                    "it is mounted at " + mount.point() + ": give each host a state-dir of its own, or unmount it");
        }
    }

    private static KernelException occupied(Path mountPoint, MountEntry by) {
        String what = by.type() + " of " + by.source();
        return new KernelException(
                Errno.EBUSY.name(),
                "mount the layers' pool at",
                mountPoint.toString(),
                what + " is mounted: unmount it");
    }

    @Override
    public void close(Path mountPoint) throws KernelException {
        BtrfsPool open = pools.remove(mountPoint);
        if (open != null) open.close();
        try {
            if (MountEntry.at(mountPoint).isPresent()) Mounts.unmount(mountPoint.toString(), Mounts.UMOUNT_NOFOLLOW);
        } catch (SysException e) {
            throw Refused.by(e, e.is(Errno.EBUSY) ? "sandboxes still use it" : "");
        }
    }

    @Override
    public void create(Path mountPoint, String name, long bytes, int owner) throws KernelException {
        LinuxLayers.requireName(name);
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            try {
                pool.createSubvolume(name);
            } catch (SysException e) {
                if (!e.is(Errno.EEXIST)) throw e;
            }
            BtrfsPool in = pool(mountPoint);
            in.disk().forget(name);
            in.room().owned(name, owner);
            in.room().bound(name, new Amount(bytes, Amount.ANY));
            Directory.make(mountPoint.resolve(name).toString(), OF_ROOT_ALONE);
            LinuxLayers.furnish(this, mountPoint, name, owner);
        } catch (SysException e) {
            throw Refused.by(e, e.is(Errno.ENOTTY) ? "no pool is mounted there: open it first" : "");
        }
    }

    @Override
    public void own(Path mountPoint, String name, int owner) throws KernelException {
        LinuxLayers.requireName(name);
        try {
            LinuxLayers.chown(this, mountPoint, name, owner);
            pool(mountPoint).room().owned(name, owner);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public void bound(Path mountPoint, String name, long bytes) throws KernelException {
        LinuxLayers.requireName(name);
        try {
            pool(mountPoint).room().bound(name, new Amount(bytes, Amount.ANY));
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public void remove(Path mountPoint, String name) throws KernelException {
        LinuxLayers.requireName(name);
        if (!Files.exists(mountPoint.resolve(name))) return;
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            BtrfsPool in = pool(mountPoint);
            long subvolume = in.disk().subvolume(name);
            pool.destroySubvolume(name);
            in.room().gone(name);
            in.disk().forget(name);
            in.quotas().destroyed(pool, subvolume);
        } catch (SysException e) {
            if (!e.is(Errno.ENOENT)) throw Refused.by(e);
        }
    }

    @Override
    public boolean present(Path mountPoint, String name) {
        return Files.isDirectory(mountPoint.resolve(name));
    }

    @Override
    public List<String> layers(Path mountPoint) {
        return Directory.names(mountPoint.toString());
    }

    @Override
    public Room room(Path mountPoint) throws KernelException {
        return LinuxLayers.roomOf(mountPoint);
    }

    @Override
    public Promised promised(Path mountPoint) {
        BtrfsPool open = pools.get(mountPoint);
        return open == null ? Promised.UNKNOWN : open.room().promised();
    }

    @Override
    public Use use(Path mountPoint, String name) throws KernelException {
        LinuxLayers.requireName(name);
        try {
            return new Use(pool(mountPoint).disk().used(name), OptionalLong.empty());
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /** Files take nothing here but bytes, which are bounded. */
    @Override
    public void mostFiles(Path mountPoint, int owner, long files) {}

    /** Ends the pools' threads. */
    void close() {
        pools.values().forEach(BtrfsPool::close);
        pools.clear();
    }

    /** One that an earlier daemon has mounted may be cleared without being opened. */
    private BtrfsPool pool(Path mountPoint) throws SysException {
        BtrfsPool open = pools.get(mountPoint);
        if (open != null) return open;
        BtrfsPool unopened = new BtrfsPool(mountPoint, DEFAULT_FLOOR_BYTES);
        BtrfsPool first = pools.putIfAbsent(mountPoint, unopened);
        return first != null ? first : unopened;
    }

    private static Set<Long> subvolumes(BtrfsVolume pool, Path mountPoint) throws SysException {
        Set<Long> all = new HashSet<>();
        for (String name : Directory.names(mountPoint.toString())) all.add(pool.subvolume(name));
        return all;
    }
}
