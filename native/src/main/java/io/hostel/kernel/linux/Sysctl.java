package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Kernel settings below /proc/sys; those of the network are the calling thread's namespace's: sysctl(5). */
final class Sysctl {
    private static final Path ROOT = Path.of("/proc/sys");
    private static final int LONGEST = 4096;

    private Sysctl() {}

    static String read(String name) throws KernelException {
        // In one read(2): the kernel gives a value whole or not at all, and says that it is empty before.
        try (InputStream in = Files.newInputStream(ROOT.resolve(name))) {
            byte[] value = new byte[LONGEST];
            int length = in.read(value);
            return new String(value, 0, Math.max(length, 0), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw refused("read", name, e);
        }
    }

    static void write(String name, String value) throws KernelException {
        try {
            Files.writeString(ROOT.resolve(name), value);
        } catch (IOException e) {
            throw refused("write \"" + value + "\" to", name, e);
        }
    }

    /** Where the kernel has it: IPv6 can be absent. */
    static void writeIfThere(String name, String value) throws KernelException {
        if (Files.exists(ROOT.resolve(name))) write(name, value);
    }

    private static KernelException refused(String verb, String name, IOException e) {
        String why = e.getMessage() == null ? e.toString() : e.getMessage();
        return new KernelException(Errno.EIO.name(), verb, ROOT.resolve(name).toString(), why);
    }
}
