package io.hostel.kernel.linux;

import io.hostel.kernel.Layers.Promised;
import io.hostel.kernel.linux.LayerDisk.Amount;
import io.hostel.kernel.linux.LayerDisk.Layer;
import io.hostel.kernel.linux.LayerDisk.Space;
import io.hostel.kernel.linux.LayerShares.Claimant;
import io.hostel.kernel.linux.LayerShares.Dealt;
import io.hostel.sys.Errno;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds layers to what there is, where they are promised more: each is bound to its part by {@link LayerShares}, as of the last
 * look. All bounds together are never more than is there without what the host keeps, so nobody gets past that between two
 * looks, and without a daemon not either. Layers of one owner that come between two looks get together half of what the last
 * one left over, and each its floor in any case, out of what is kept if need be.
 */
final class LayerRoom {
    private static final Logger LOG = LoggerFactory.getLogger(LayerRoom.class);

    /** The part of what is there that the host keeps, up to a GiB. */
    static final int KEPT_PART = 16;

    static final long MOST_KEPT_BYTES = 1L << 30;

    // What it takes to be mounted again, else a launch would find its root read-only; XFS sets aside some 100 KiB for a
    // directory.
    private static final Amount TO_MOUNT = new Amount(256 << 10, 16);

    /** A floor has a file for so many bytes. */
    private static final long FLOOR_BYTES_PER_FILE = 4 << 10;

    private static final long UNCHANGED_BYTES = 1 << 20;
    private static final long UNCHANGED_FILES = 64;
    private static final int LOOKS_WITHOUT_CHANGE = 10;

    private final Path mountPoint;
    private final LayerDisk disk;
    private final Amount floor;
    private final Map<String, Long> owners = new ConcurrentHashMap<>();
    private final LayerFiles files = new LayerFiles();

    // What follows is guarded by this, which is held for one change of one bound at a time, and not for a look.
    private final Set<String> changed = new HashSet<>();
    // A look under way, and one that begins before a layer is off the disk, may still find it.
    private final Set<String> gone = new HashSet<>();
    private Amount left = Amount.NONE;
    // By owner of layers that came since the last look: half of what was left for the first one, less what they got.
    private final Map<Long, Amount> parts = new HashMap<>();
    private Amount granted = Amount.NONE;
    private Promised promised = Promised.UNKNOWN;

    // Of the thread that looks.
    private Space last = new Space(0, Amount.NONE, 0, 0);
    private int skipped = LOOKS_WITHOUT_CHANGE;
    private boolean told;

    /** @param floorBytes what each layer may take whatever others take, if it may ever take so much */
    LayerRoom(Path mountPoint, LayerDisk disk, long floorBytes) {
        this.mountPoint = mountPoint;
        this.disk = disk;
        this.floor = new Amount(floorBytes, Math.max(TO_MOUNT.files(), floorBytes / FLOOR_BYTES_PER_FILE));
    }

    /** The owner's layers together hold so many files at most; looked at where files are counted. */
    void mostFiles(long owner, long files) {
        this.files.most(owner, files);
    }

    synchronized Promised promised() {
        return promised;
    }

    /** A layer is somebody's from now on; {@link #bound} goes by it. */
    synchronized void owned(String name, long owner) {
        gone.remove(name);
        owners.put(name, owner);
    }

    /** A layer has gone. */
    synchronized void gone(String name) {
        owners.remove(name);
        gone.add(name);
        changed.add(name);
    }

    /** Bounds a layer that may ever take so much to its part of what the last look has left over. */
    synchronized void bound(String name, Amount most) throws SysException {
        long owner = owners.getOrDefault(name, 0L);
        boolean someones = owner != 0;
        Amount own = parts.getOrDefault(owner, new Amount(left.bytes() / 2, left.files() / 2));
        Amount now = someones
                ? new Amount(
                        part(most.bytes(), own.bytes(), floor.bytes()), part(most.files(), own.files(), floor.files()))
                : most;
        disk.give(name, most, now);
        changed.add(name);
        if (someones) {
            parts.put(owner, less(own, now));
            left = less(left, now);
            granted = new Amount(
                    LayerShares.saturated(granted.bytes(), now.bytes()),
                    LayerShares.saturated(granted.files(), now.files()));
        }
    }

    private static long part(long most, long own, long floor) {
        return Math.min(most, Math.max(floor, own / 2));
    }

    private static Amount less(Amount of, Amount taken) {
        return new Amount(Math.max(0, of.bytes() - taken.bytes()), Math.max(0, of.files() - taken.files()));
    }

    /** Every second or so, and once before the first layer is made; by one thread. */
    void look() throws SysException {
        Space before = disk.space();
        if (!worthLooking(before)) return;
        Set<String> goneBefore;
        synchronized (this) {
            goneBefore = Set.copyOf(gone);
            changed.clear();
            granted = Amount.NONE;
        }
        List<Layer> layers = read();
        Space after = disk.space();
        // What was freed or taken meanwhile is in one of the two, and never counted twice.
        Amount spare = new Amount(
                Math.min(before.spare().bytes(), after.spare().bytes()),
                Math.min(before.spare().files(), after.spare().files()));
        Dealt bytes = LayerShares.deal(spare.bytes(), claimants(layers, Amount::bytes));
        Dealt files = LayerShares.deal(spare.files(), this.files.within(claimants(layers, Amount::files)));
        tell(bytes.free() && files.free());
        settle(layers, new LayerBounds(bytes, files));
        synchronized (this) {
            promised = promised(layers, after.bytes(), spare.bytes() + after.keptBytes() * 3 / 4);
        }
        last = after;
        forget(goneBefore);
    }

    private synchronized void forget(Set<String> goneBefore) {
        for (String name : gone) {
            owners.remove(name);
            disk.forget(name);
        }
        gone.removeAll(goneBefore);
    }

    /** Names of layers whose owners are known. */
    Set<String> owned() {
        return Set.copyOf(owners.keySet());
    }

    /** To look is to read what each layer takes, which is not worth it while that hardly changes. */
    private boolean worthLooking(Space now) {
        boolean any;
        boolean much;
        synchronized (this) {
            any = !changed.isEmpty();
            much = any && granted.bytes() >= left.bytes() / 4;
        }
        boolean moved = Math.abs(now.spare().bytes() - last.spare().bytes()) >= UNCHANGED_BYTES
                || Math.abs(now.takenBytes() - last.takenBytes()) >= UNCHANGED_BYTES
                || Math.abs(now.spare().files() - last.spare().files()) >= UNCHANGED_FILES;
        if (!much && !moved && ++skipped < (any ? 3 : LOOKS_WITHOUT_CHANGE)) return false;
        skipped = 0;
        return true;
    }

    private List<Layer> read() throws SysException {
        List<Layer> layers = new ArrayList<>();
        for (String name : disk.names()) {
            try {
                Layer layer = disk.read(name);
                layers.add(layer.of(owners.computeIfAbsent(name, same -> layer.owner())));
            } catch (SysException e) {
                if (!e.is(Errno.ENOENT)) throw e;
            }
        }
        return layers;
    }

    private List<Claimant> claimants(List<Layer> layers, ToLongFunction<Amount> of) {
        return layers.stream().map(layer -> claimant(layer, of)).toList();
    }

    /** Nobody writes to a layer that is nobody's yet, but the kernel, which mounts it. */
    private Claimant claimant(Layer layer, ToLongFunction<Amount> of) {
        long most = of.applyAsLong(layer.given());
        long used = of.applyAsLong(layer.used());
        long toMount = Math.min(of.applyAsLong(layer.bound()), LayerShares.saturated(used, of.applyAsLong(TO_MOUNT)));
        if (layer.owner() == 0) return new Claimant(0, Math.min(most, toMount), used, Math.min(most, toMount));
        long owed = Math.max(of.applyAsLong(floor), toMount);
        return new Claimant(layer.owner(), most, used, Math.min(most, owed));
    }

    private void tell(boolean free) {
        if (free == !told) return;
        if (free) LOG.info("Layers at {} may take what they were given", mountPoint);
        else LOG.info("Layers at {} were promised more than there is: they grow by their parts of it", mountPoint);
        told = !free;
    }

    private void settle(List<Layer> layers, LayerBounds bounds) throws SysException {
        Amount newcomers = bounds.forNewcomers();
        synchronized (this) {
            parts.clear();
            left = new Amount(
                    Math.max(0, newcomers.bytes() - granted.bytes()), Math.max(0, newcomers.files() - granted.files()));
        }
        List<Layer> narrowed = bounds.narrowed(layers);
        change(layers, narrowed);
        // What they have taken until then is seen now.
        Amount spare = disk.space().spare();
        Amount others;
        synchronized (this) {
            others = left;
        }
        change(
                narrowed,
                bounds.widened(
                        narrowed, new Amount(spare.bytes() - others.bytes(), spare.files() - others.files())));
    }

    private void change(List<Layer> from, List<Layer> to) {
        for (int i = 0; i < from.size(); i++) {
            if (!to.get(i).bound().equals(from.get(i).bound())) settle(to.get(i).name(), to.get(i).bound());
        }
    }

    private synchronized void settle(String name, Amount now) {
        if (changed.contains(name)) return;
        try {
            disk.bound(name, now);
        } catch (SysException e) {
            if (!e.is(Errno.ENOENT)) LOG.warn("The bound of layer {} is as it was: {}", name, e.getMessage());
        }
    }

    /** Floors that have not been taken yet, and a quarter of what is kept, are for nobody who comes. */
    private Promised promised(List<Layer> layers, long bytes, long there) {
        long sum = 0;
        long owed = 0;
        Map<Integer, Long> held = new HashMap<>();
        for (Layer layer : layers) {
            if (layer.owner() == 0) continue;
            sum = LayerShares.saturated(sum, layer.given().bytes());
            owed += Math.max(0, Math.min(layer.given().bytes(), floor.bytes()) - layer.used().bytes());
            if (layer.used().files() != Amount.ANY) {
                held.merge((int) layer.owner(), layer.used().files(), Long::sum);
            }
        }
        return new Promised(bytes, sum, Math.max(0, there - owed), held);
    }
}
