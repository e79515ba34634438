package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.Mounts;
import io.hostel.sys.OpenFile;
import io.hostel.sys.ProjectQuota;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Layers as directories of the disk's own file system, each a project with a quota; {@link ProjectQuota}. The pool is the
 * directory {@code layers} beside where its file would be, bind-mounted at the mount point.
 *
 * <p>Nothing is reserved, so there is no size of the pool: a layer takes what is written to it. {@link LayerRoom} sees to it
 * that all of them leave some of the disk to the host. A tenant cannot leave its project: that takes a privilege of the host's
 * user namespace, which overlayfs asks for before it passes the change on. The launcher mounts the overlay without
 * CAP_SYS_RESOURCE, since ext4 holds no quota against whoever has it.
 */
final class ProjectLayers implements Layers {
    private static final long FLAGS = Mounts.NOSUID | Mounts.NODEV | Mounts.NOATIME;
    private static final int OF_ROOT_ALONE = 0700;

    /** So long a removal deletes by itself: whoever waits for it has a thread of few. */
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private final Map<Path, ProjectPool> pools = new ConcurrentHashMap<>();

    /** Whether projects are held to their quotas on the disk of a place, whether there is anything at it or not. */
    static boolean offered(Path place) {
        for (Path at = place.toAbsolutePath(); at != null; at = at.getParent()) {
            if (!Files.isDirectory(at)) continue;
            try (Fd fd = directory(at)) {
                return ProjectQuota.enforced(fd);
            } catch (SysException e) {
                return false;
            }
        }
        return false;
    }

    @Override
    public void open(Path file, Path mountPoint, long bytes, long floorBytes) throws KernelException {
        Path directory = file.resolveSibling("layers");
        try {
            Files.createDirectories(mountPoint);
            Directory.make(directory.toString(), OF_ROOT_ALONE);
            requireQuotas(directory);
            mount(directory, mountPoint);
            Path trash = ProjectPool.trash(mountPoint);
            Directory.make(trash.toString(), OF_ROOT_ALONE);
            for (Path each : List.of(mountPoint, trash)) {
                try (Fd fd = directory(each)) {
                    ProjectQuota.give(fd, ProjectQuota.NONE);
                }
            }
            ProjectPool last = pools.put(mountPoint, new ProjectPool(mountPoint, floorBytes));
            if (last != null) last.close();
            pool(mountPoint).open();
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (IOException e) {
            throw new KernelException(Errno.EIO.name(), "make", mountPoint.toString(), e.toString());
        }
    }

    /** They may have been switched off while an earlier daemon's pool was mounted. */
    private static void requireQuotas(Path directory) throws KernelException {
        if (offered(directory)) return;
        throw new KernelException(
                Errno.EOPNOTSUPP.name(),
                "bound layers in",
                directory.toString(),
                "its disk no longer holds projects to quotas: mount it with prjquota, or run hostd --reap first");
    }

    private static void mount(Path directory, Path mountPoint) throws SysException, KernelException {
        boolean there = MountEntry.at(mountPoint).isPresent();
        if (there && !Stat.of(mountPoint.toString()).sameFile(Stat.of(directory.toString()))) {
            String more = "something else than " + directory + " is mounted: unmount it";
            throw new KernelException(Errno.EBUSY.name(), "mount the layers' pool at", mountPoint.toString(), more);
        }
        if (!there) Mounts.mount(directory.toString(), mountPoint.toString(), "", Mounts.BIND, "");
        try {
            // Said again to one that was there: its daemon may have died before it did.
            Mounts.mount("", mountPoint.toString(), "", Mounts.PRIVATE, "");
            Mounts.mount("", mountPoint.toString(), "", Mounts.BIND | Mounts.REMOUNT | FLAGS, "");
            refuseSecondHost(mountPoint);
        } catch (SysException | KernelException | RuntimeException e) {
            if (!there) Mounts.unmount(mountPoint.toString(), Mounts.UMOUNT_NOFOLLOW);
            throw e;
        }
    }

    /** Two hosts with one directory would take each other's layers for leaked. */
    private static void refuseSecondHost(Path mountPoint) throws SysException, KernelException {
        MountEntry ours = MountEntry.at(mountPoint).orElseThrow();
        for (MountEntry other : MountEntry.all()) {
            boolean same = other.device().equals(ours.device()) && other.root().equals(ours.root());
            if (!same || other.point().equals(ours.point()) || ours.root().equals("/")) continue;
            throw new KernelException(
                    Errno.EBUSY.name(),
                    "mount",
                    ours.root() + " at " + mountPoint,
                    "it is mounted at " + other.point() + ": give each host a state-dir of its own, or unmount it");
        }
    }

    @Override
    public void close(Path mountPoint) throws KernelException {
        try {
            if (MountEntry.at(mountPoint).isPresent()) {
                if (!pool(mountPoint).empty()) throw beingDeleted(mountPoint);
                Mounts.unmount(mountPoint.toString(), Mounts.UMOUNT_NOFOLLOW);
            }
            pools.remove(mountPoint);
        } catch (SysException e) {
            throw Refused.by(e, e.is(Errno.EBUSY) ? "sandboxes still use it" : "");
        }
    }

    @Override
    public void create(Path mountPoint, String name, long bytes, int owner) throws KernelException {
        LinuxLayers.requireName(name);
        Path layer = mountPoint.resolve(name);
        try {
            Directory.make(layer.toString(), OF_ROOT_ALONE);
            LayerRoom room = pool(mountPoint).room();
            room.owned(name, owner);
            room.bound(name, ProjectBounds.given(bytes));
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
            pool(mountPoint).room().bound(name, ProjectBounds.given(bytes));
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /** @throws KernelException EBUSY while it is still being deleted: so long it is its sandbox's, and counts as that */
    @Override
    public void remove(Path mountPoint, String name) throws KernelException {
        LinuxLayers.requireName(name);
        Path layer = mountPoint.resolve(name);
        try {
            pool(mountPoint).room().gone(name);
            if (!pool(mountPoint).trash().take(layer, AT_ONCE)) throw beingDeleted(layer);
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (IOException e) {
            throw new KernelException(
                    Errno.EIO.name(), "remove", layer.toString(), e.getClass().getSimpleName());
        }
    }

    private static KernelException beingDeleted(Path layer) {
        return new KernelException(
                Errno.EBUSY.name(), "remove", layer.toString(), "its many files are still being deleted");
    }

    @Override
    public boolean present(Path mountPoint, String name) {
        return Files.isDirectory(mountPoint.resolve(name));
    }

    @Override
    public List<String> layers(Path mountPoint) {
        return ProjectPool.layers(mountPoint);
    }

    @Override
    public Room room(Path mountPoint) throws KernelException {
        return LinuxLayers.roomOf(mountPoint);
    }

    @Override
    public Promised promised(Path mountPoint) {
        return pool(mountPoint).room().promised();
    }

    @Override
    public Use use(Path mountPoint, String name) throws KernelException {
        LinuxLayers.requireName(name);
        try {
            LayerDisk.Amount used = pool(mountPoint).bounds().read(name).used();
            return new Use(used.bytes(), OptionalLong.of(used.files()));
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public void mostFiles(Path mountPoint, int owner, long files) {
        pool(mountPoint).room().mostFiles(owner, files);
    }

    /** Ends the pools' threads. */
    void close() {
        pools.values().forEach(ProjectPool::close);
        pools.clear();
    }

    private ProjectPool pool(Path mountPoint) {
        return pools.computeIfAbsent(mountPoint, at -> new ProjectPool(at, DEFAULT_FLOOR_BYTES));
    }

    static Fd directory(Path path) throws SysException {
        return OpenFile.open(path.toString(), OpenFile.READ | OpenFile.DIRECTORY | OpenFile.NOFOLLOW);
    }
}
