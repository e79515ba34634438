package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Netns;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.Mounts;
import io.hostel.sys.Namespaces;
import io.hostel.sys.Stat;
import io.hostel.sys.Statfs;
import io.hostel.sys.SysException;
import io.hostel.sys.ThrowAwayThread;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Pins are bind mounts of nsfs in a private mount of the directory on itself; mount_namespaces(7), SHARED SUBTREES. */
public final class LinuxNetns implements Netns, AutoCloseable {
    private static final int OPEN_TO_ALL = 0755;

    private final FreshProc settings = new FreshProc();
    private final NamespaceSockets sockets;

    public LinuxNetns() {
        this(new NamespaceSockets());
    }

    /** @param sockets where the one by which a namespace was furnished is kept for those who come next */
    LinuxNetns(NamespaceSockets sockets) {
        this.sockets = sockets;
    }

    @Override
    public void prepare(Path directory) throws KernelException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw refused("create", directory, e);
        }
        try {
            // Who has a sandbox's id may look for its namespace; to enter one takes CAP_SYS_ADMIN.
            Directory.make(directory.toString(), OPEN_TO_ALL);
            if (!isMountPoint(directory)) {
                Mounts.mount(directory.toString(), directory.toString(), "", Mounts.BIND, "");
            }
            Mounts.mount("", directory.toString(), "", Mounts.PRIVATE, "");
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public void unprepare(Path directory) throws KernelException {
        sockets.close();
        try {
            if (Files.exists(directory) && isMountPoint(directory)) {
                Mounts.unmount(directory.toString(), Mounts.DETACH | Mounts.UMOUNT_NOFOLLOW);
            }
            Files.deleteIfExists(directory);
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (IOException e) {
            throw refused("delete", directory, e);
        }
    }

    @Override
    public void create(Path pin) throws KernelException {
        if (inode(pin) != 0) return;
        try {
            Files.createFile(pin);
        } catch (FileAlreadyExistsException e) {
            // A pin of an attempt that was cut short: the mount goes over it.
        } catch (IOException e) {
            throw refused("create", pin, e);
        }
        NetlinkSocket socket = ThrowAwayThread.call(KernelException.class, () -> {
            try {
                Namespaces.unshare(Namespaces.NETWORK);
                NetlinkSocket inside = furnish();
                try {
                    Mounts.mount("/proc/thread-self/ns/net", pin.toString(), "", Mounts.BIND, "");
                } catch (SysException e) {
                    inside.close();
                    throw e;
                }
                return inside;
            } catch (SysException e) {
                throw Refused.by(e);
            }
        });
        sockets.keep(pin, new NamespaceSockets.Kept(socket, inode(pin), OptionalInt.empty()));
    }

    /** Runs in the new namespace. The links that come later inherit what is set for {@code default}. */
    private NetlinkSocket furnish() throws KernelException {
        settings.use(proc -> {
            proc.write("net/ipv4/ip_unprivileged_port_start", "0");
            proc.write("net/ipv4/ping_group_range", "0 2147483647");
            // For default too: addrconf_disable_ipv6 in net/ipv6/addrconf.c.
            proc.writeIfThere("net/ipv6/conf/all/disable_ipv6", "1");
            // The gateway routes between sandboxes on one link, which makes kernels send redirects: never believe them.
            proc.write("net/ipv4/conf/all/accept_redirects", "0");
            proc.write("net/ipv4/conf/default/accept_redirects", "0");
        });
        try {
            NetlinkSocket socket = NetlinkSocket.route();
            try {
                socket.tell(LinkMessages.up("lo"));
                return socket;
            } catch (NetlinkException e) {
                socket.close();
                throw e;
            }
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public void remove(Path pin) throws KernelException {
        sockets.forget(pin);
        try {
            if (inode(pin) != 0) Mounts.unmount(pin.toString(), Mounts.DETACH | Mounts.UMOUNT_NOFOLLOW);
            Files.deleteIfExists(pin);
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (IOException e) {
            throw refused("delete", pin, e);
        }
    }

    @Override
    public long inode(Path pin) throws KernelException {
        try {
            if (Statfs.of(pin.toString()).type() != Statfs.NSFS) return 0;
            return Stat.of(pin.toString()).inode();
        } catch (SysException e) {
            if (e.is(Errno.ENOENT)) return 0;
            throw Refused.by(e);
        }
    }

    @Override
    public List<String> pins(Path directory) throws KernelException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw refused("list", directory, e);
        }
    }

    /** Lets go of what is held open; the namespaces stay. */
    @Override
    public void close() {
        settings.close();
    }

    /** By the mount table: a bind mount has its parent's device number, so stat(2) can't tell. */
    private static boolean isMountPoint(Path directory) throws KernelException {
        try {
            Path real = directory.toRealPath();
            return MountEntry.parse(Files.readString(Path.of("/proc/thread-self/mountinfo"))).stream()
                    .anyMatch(m -> m.point().equals(real));
        } catch (IOException e) {
            throw refused("look at", directory, e);
        }
    }

    private static KernelException refused(String verb, Path path, IOException e) {
        return new KernelException(Errno.EIO.name(), verb, path.toString(), e.toString());
    }
}
