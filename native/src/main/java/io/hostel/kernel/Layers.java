package io.hostel.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Writable layers: one directory tree per sandbox, bounded in bytes, on a pool that is mounted once. A pool is a btrfs file
 * system in a file, and a layer a subvolume of it with a quota group; or, where the disk has project quotas, a directory of it
 * with one directory for each layer.
 */
public interface Layers {
    long DEFAULT_FLOOR_BYTES = 1 << 20;

    /**
     * Makes the pool where there is none, and mounts it. A file's space is reserved on the disk.
     *
     * @param file where the pool is, if it is a file; otherwise it lies beside
     * @param mountPoint where it is mounted, private to this host
     * @param bytes its size, at least 128 MiB
     * @param floorBytes what each layer may take whatever the others take; see {@link #bound}
     */
    void open(Path file, Path mountPoint, long bytes, long floorBytes) throws KernelException;

    /** With {@link #DEFAULT_FLOOR_BYTES}. */
    default void open(Path file, Path mountPoint, long bytes) throws KernelException {
        open(file, mountPoint, bytes, DEFAULT_FLOOR_BYTES);
    }

    /** Unmounts the pool and gives the loop device back; the file stays. */
    void close(Path mountPoint) throws KernelException;

    /**
     * Makes an empty layer with the directories {@code upper} and {@code work} that overlayfs wants.
     *
     * @param bytes the most that it may take; see {@link #bound}
     * @param owner uid and gid of the two directories
     */
    void create(Path mountPoint, String name, long bytes, int owner) throws KernelException;

    /**
     * Gives a layer's two directories to somebody.
     *
     * @param owner uid and gid
     * @throws KernelException ENOENT where there is no such layer
     */
    void own(Path mountPoint, String name, int owner) throws KernelException;

    /**
     * Bounds a layer anew. Where all layers were given more than there is, each is held to less for the time being: to its floor,
     * and beyond that to its part of what is left, by owners first and then by their layers. Layers of uid 0 are nobody's yet.
     *
     * @param bytes the most that it may ever take
     * @throws KernelException ENOENT where there is no such layer
     */
    void bound(Path mountPoint, String name, long bytes) throws KernelException;

    /**
     * Nothing happens where there is none.
     *
     * @throws KernelException EBUSY while so much is in it that its removal goes on in the background
     */
    void remove(Path mountPoint, String name) throws KernelException;

    boolean present(Path mountPoint, String name) throws KernelException;

    List<String> layers(Path mountPoint) throws KernelException;

    /** What the pool, or the disk in its place, has for all layers together. */
    Room room(Path mountPoint) throws KernelException;

    /** @param availableBytes of all {@code bytes}, how many can still be taken */
    record Room(long availableBytes, long bytes) {}

    /** As of a look that is some seconds old at most; nothing is asked of the kernel. */
    Promised promised(Path mountPoint);

    /**
     * What layers were promised.
     *
     * @param bytes all that there is; 0 where nobody has looked yet
     * @param promisedBytes the sum of what layers may ever take
     * @param newcomersBytes what there is for the floors of layers to come
     * @param files how many each owner's layers hold, by uid; empty where they are not counted
     */
    record Promised(long bytes, long promisedBytes, long newcomersBytes, Map<Integer, Long> files) {
        public static final Promised UNKNOWN = new Promised(0, 0, 0, Map.of());

        public Promised {
            files = Map.copyOf(files);
        }
    }

    /** What a layer takes now. */
    Use use(Path mountPoint, String name) throws KernelException;

    /** @param files and directories; empty where they are not counted */
    record Use(long bytes, OptionalLong files) {}

    /** From the next look on, the owner's layers together hold at most so many files; of no effect where files are not counted. */
    void mostFiles(Path mountPoint, int owner, long files);

    default Path upper(Path mountPoint, String name) {
        return mountPoint.resolve(name).resolve("upper");
    }

    default Path work(Path mountPoint, String name) {
        return mountPoint.resolve(name).resolve("work");
    }
}
