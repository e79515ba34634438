package io.hostel.kernel;

import java.nio.file.Path;
import java.util.List;

/**
 * Writable layers: one directory tree per sandbox, bounded in bytes, on a pool that is mounted once. A pool is a btrfs file
 * system in a file, and a layer a subvolume of it with a quota group; or, where the disk has project quotas, a directory of it
 * with one directory for each layer.
 */
public interface Layers {

    /**
     * Makes the pool where there is none, and mounts it. A file's space is reserved on the disk.
     *
     * @param file where the pool is, if it is a file; otherwise it lies beside
     * @param mountPoint where it is mounted, private to this host
     * @param bytes its size, at least 128 MiB
     */
    void open(Path file, Path mountPoint, long bytes) throws KernelException;

    /** Unmounts the pool and gives the loop device back; the file stays. */
    void close(Path mountPoint) throws KernelException;

    /**
     * Makes an empty layer with the directories {@code upper} and {@code work} that overlayfs wants.
     *
     * @param bytes the most that it may take
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
     * Bounds a layer anew.
     *
     * @param bytes the most that it may take
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

    default Path upper(Path mountPoint, String name) {
        return mountPoint.resolve(name).resolve("upper");
    }

    default Path work(Path mountPoint, String name) {
        return mountPoint.resolve(name).resolve("work");
    }
}
