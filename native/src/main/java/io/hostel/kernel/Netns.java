package io.hostel.kernel;

import java.nio.file.Path;
import java.util.List;

/** Network namespaces, pinned in the file system so that they outlive every process; network_namespaces(7). */
public interface Netns {

    /** Makes {@code directory} the one place for pins: a private mount of its own, so that pins spread nowhere. */
    void prepare(Path directory) throws KernelException;

    /** Undoes {@link #prepare}; the directory holds no pins any more. */
    void unprepare(Path directory) throws KernelException;

    /**
     * Makes a namespace, brings its lo up, opens ports below 1024 and ICMP echo to everyone in it, turns IPv6 off, and pins it.
     */
    void create(Path pin) throws KernelException;

    /** Takes the pin away; the kernel takes the namespace and its links once nothing runs in it. */
    void remove(Path pin) throws KernelException;

    /** The pinned namespace's inode, as {@code readlink /proc/PID/ns/net} shows it; 0 where nothing is pinned. */
    long inode(Path pin) throws KernelException;

    /** File names of all pins in a directory, stale ones included. */
    List<String> pins(Path directory) throws KernelException;
}
