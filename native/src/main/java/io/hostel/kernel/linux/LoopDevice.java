package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file as a block device: loop(4), include/uapi/linux/loop.h. The kernel takes the device away by itself (autoclear) when
 * neither a mount nor a descriptor uses it, so a crash between making and mounting it leaves nothing.
 *
 * @param fd keeps it until it is mounted
 */
record LoopDevice(String path, Fd fd) implements AutoCloseable {
    private static final long LOOP_GET_STATUS64 = 0x4C05;
    private static final long LOOP_SET_CAPACITY = 0x4C07;
    private static final long LOOP_CONFIGURE = 0x4C0A;
    private static final long LOOP_CTL_GET_FREE = 0x4C82;
    private static final int LO_FLAGS_AUTOCLEAR = 4;
    private static final int LO_FLAGS_DIRECT_IO = 16;
    private static final int LOOP_CONFIG_BYTES = 304;
    private static final int LOOP_CONFIG_FLAGS = 8 + 52;
    private static final int LOOP_INFO_BYTES = 232;
    private static final int SECTOR_BYTES = 4096; // btrfs' own, and what direct I/O on most disks takes
    private static final int TRIES = 32;
    private static final String MISSING = "the kernel offers no loop devices: modprobe loop";

    /** The device that has this file already, or a new one. */
    static LoopDevice of(Path file) throws SysException, KernelException {
        Optional<LoopDevice> there = find(file);
        return there.isPresent() ? there.get() : attach(file);
    }

    /** Empty where no loop device has this very file. */
    static Optional<LoopDevice> find(Path file) throws SysException {
        if (!Files.exists(file)) return Optional.empty();
        Stat wanted = Stat.of(file.toString());
        for (String name : Directory.names("/sys/block")) {
            // loop/ is there only while a file is attached
            if (!name.startsWith("loop") || !Files.exists(Path.of("/sys/block", name, "loop"))) continue;
            Optional<LoopDevice> device = open("/dev/" + name);
            if (device.isPresent() && device.get().has(wanted)) return device;
            device.ifPresent(LoopDevice::close);
        }
        return Optional.empty();
    }

    private static Optional<LoopDevice> open(String path) {
        try {
            return Optional.of(new LoopDevice(path, OpenFile.open(path, OpenFile.READ_WRITE)));
        } catch (SysException e) {
            return Optional.empty(); // taken away meanwhile
        }
    }

    private boolean has(Stat file) {
        byte[] status = new byte[LOOP_INFO_BYTES];
        try {
            Descriptors.ioctl(fd, LOOP_GET_STATUS64, status, "get status of");
        } catch (SysException e) {
            return false; // ENXIO: taken away meanwhile
        }
        ByteBuffer view = ByteBuffer.wrap(status).order(ByteOrder.LITTLE_ENDIAN);
        return view.getLong(8) == file.inode() && deviceOf(view.getLong(0)) == file.device();
    }

    /** huge_encode_dev: 12 bits of the major above 8 of the minor, the minor's rest above both; as statx splits it. */
    private static long deviceOf(long encoded) {
        long major = encoded >>> 8 & 0xfff;
        long minor = encoded & 0xff | encoded >>> 12 & 0xfffff00L;
        return major << 32 | minor;
    }

    private static LoopDevice attach(Path file) throws SysException, KernelException {
        try (Fd backing = OpenFile.open(file.toString(), OpenFile.READ_WRITE);
                Fd control = control()) {
            for (int tries = 0; tries < TRIES; tries++) {
                int number = Descriptors.ioctl(control, LOOP_CTL_GET_FREE, 0, "get a free loop device from");
                String path = "/dev/loop" + number;
                Fd device = OpenFile.open(path, OpenFile.READ_WRITE);
                try {
                    configure(device, backing);
                    return new LoopDevice(path, device);
                } catch (SysException e) {
                    device.close();
                    if (!e.is(Errno.EBUSY)) throw e; // EBUSY: another was quicker
                }
            }
        } catch (SysException e) {
            throw Refused.by(e, e.is(Errno.ENOENT) || e.is(Errno.ENXIO) ? MISSING : "");
        }
        throw new KernelException(
                Errno.EBUSY.name(), "attach", file.toString(), "other programs took every loop device");
    }

    private static Fd control() throws SysException {
        return OpenFile.open("/dev/loop-control", OpenFile.READ_WRITE);
    }

    /** Direct I/O keeps tenants' pages from being cached twice; a file system that can't is asked again without. */
    private static void configure(Fd device, Fd backing) throws SysException {
        try {
            configure(device, backing, LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO);
        } catch (SysException e) {
            if (!e.is(Errno.EINVAL)) throw e;
            configure(device, backing, LO_FLAGS_AUTOCLEAR);
        }
    }

    private static void configure(Fd device, Fd backing, int flags) throws SysException {
        byte[] config = new byte[LOOP_CONFIG_BYTES];
        ByteBuffer view = ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN);
        view.putInt(0, backing.number()).putInt(4, SECTOR_BYTES).putInt(LOOP_CONFIG_FLAGS, flags);
        Descriptors.ioctl(device, LOOP_CONFIGURE, config, "configure");
    }

    /** Makes it as large as its file has become. */
    void grow() throws SysException {
        Descriptors.ioctl(fd, LOOP_SET_CAPACITY, 0, "grow");
    }

    @Override
    public void close() {
        fd.close();
    }
}
