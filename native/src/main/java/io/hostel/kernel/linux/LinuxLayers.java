package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.sys.Directory;
import io.hostel.sys.Self;
import io.hostel.sys.Statfs;
import io.hostel.sys.SysException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers by what the disk offers: {@link ProjectLayers} where its file system holds projects to quotas, and otherwise
 * {@link BtrfsLayers}. Where there is a pool's file already it stays in use, whatever the disk has come to offer since.
 */
public final class LinuxLayers implements Layers, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxLayers.class);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
    private static final int OF_A_ROOT_DIRECTORY = 0755;

    private final BtrfsLayers pools = new BtrfsLayers();
    private final ProjectLayers projects = new ProjectLayers();
    private final Map<Path, Layers> opened = new ConcurrentHashMap<>();

    @Override
    public void open(Path file, Path mountPoint, long bytes, long floorBytes) throws KernelException {
        Layers chosen = choose(file, mountPoint);
        chosen.open(file, mountPoint, bytes, floorBytes);
        opened.put(mountPoint, chosen);
    }

    private Layers choose(Path file, Path mountPoint) throws KernelException {
        Optional<Layers> mounted = mountedAt(mountPoint);
        if (mounted.isPresent()) return mounted.get();
        if (!Files.exists(file) && ProjectLayers.offered(file)) return projects;
        Path unused = file.resolveSibling("layers");
        if (!Directory.names(unused.toString()).isEmpty()) {
            LOG.warn("{} is of no use any more, since its disk has no project quotas now: delete it", unused);
        }
        return pools;
    }

    /** What an earlier daemon has chosen. */
    private Optional<Layers> mountedAt(Path mountPoint) throws KernelException {
        try {
            return MountEntry.at(mountPoint).map(there -> there.type().equals("btrfs") ? pools : projects);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private Layers of(Path mountPoint) throws KernelException {
        Layers known = opened.get(mountPoint);
        return known != null ? known : mountedAt(mountPoint).orElse(pools);
    }

    @Override
    public void close(Path mountPoint) throws KernelException {
        of(mountPoint).close(mountPoint);
        opened.remove(mountPoint);
    }

    @Override
    public void create(Path mountPoint, String name, long bytes, int owner) throws KernelException {
        of(mountPoint).create(mountPoint, name, bytes, owner);
    }

    @Override
    public void own(Path mountPoint, String name, int owner) throws KernelException {
        of(mountPoint).own(mountPoint, name, owner);
    }

    @Override
    public void bound(Path mountPoint, String name, long bytes) throws KernelException {
        of(mountPoint).bound(mountPoint, name, bytes);
    }

    @Override
    public void remove(Path mountPoint, String name) throws KernelException {
        of(mountPoint).remove(mountPoint, name);
    }

    @Override
    public boolean present(Path mountPoint, String name) throws KernelException {
        return of(mountPoint).present(mountPoint, name);
    }

    @Override
    public List<String> layers(Path mountPoint) throws KernelException {
        return of(mountPoint).layers(mountPoint);
    }

    @Override
    public Room room(Path mountPoint) throws KernelException {
        return of(mountPoint).room(mountPoint);
    }

    @Override
    public Use use(Path mountPoint, String name) throws KernelException {
        return of(mountPoint).use(mountPoint, name);
    }

    @Override
    public Promised promised(Path mountPoint) {
        Layers known = opened.get(mountPoint);
        return known == null ? Promised.UNKNOWN : known.promised(mountPoint);
    }

    @Override
    public void mostFiles(Path mountPoint, int owner, long files) {
        Layers known = opened.get(mountPoint);
        if (known != null) known.mostFiles(mountPoint, owner, files);
    }

    /** Ends what goes on in the background; all pools stay mounted. */
    @Override
    public void close() {
        pools.close();
        projects.close();
    }

    /** The two directories that overlayfs wants, in a layer that its back-end has just made. */
    static void furnish(Layers layers, Path mountPoint, String name, int owner) throws SysException {
        for (Path directory : directories(layers, mountPoint, name)) {
            Directory.make(directory.toString(), OF_A_ROOT_DIRECTORY);
        }
        chown(layers, mountPoint, name, owner);
    }

    static void chown(Layers layers, Path mountPoint, String name, int owner) throws SysException {
        for (Path directory : directories(layers, mountPoint, name)) Self.chown(directory.toString(), owner, owner);
    }

    private static List<Path> directories(Layers layers, Path mountPoint, String name) {
        return List.of(layers.upper(mountPoint, name), layers.work(mountPoint, name));
    }

    static Room roomOf(Path mountPoint) throws KernelException {
        try {
            Statfs there = Statfs.of(mountPoint.toString());
            return new Room(there.availableBytes(), there.bytes());
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) throw new IllegalArgumentException("layer name: " + name);
    }
}
