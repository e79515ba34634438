package io.hostel.sys;

import java.io.File;
import java.util.Arrays;
import java.util.List;

/** Making, listing and taking away directories: mkdir(2), rmdir(2). */
public final class Directory {
    private Directory() {}

    /**
     * @param mode permissions that it has afterwards, made now or before; the umask does not apply
     * @return false where it was there already
     */
    public static boolean make(String path, int mode) throws SysException {
        try (Memory memory = new Memory()) {
            long name = memory.string(path);
            boolean made = Libc.LIBC.mkdir(name, mode) == 0;
            if (!made && Libc.errno() != Errno.EEXIST) Syscall.check(-1, "mkdir", path);
            Syscall.check(Libc.LIBC.chmod(name, mode), "chmod", path);
            return made;
        }
    }

    /** @return false where there was none */
    public static boolean remove(String path) throws SysException {
        try (Memory memory = new Memory()) {
            Syscall.check(Libc.LIBC.rmdir(memory.string(path)), "rmdir", path);
            return true;
        } catch (SysException e) {
            if (e.is(Errno.ENOENT)) return false;
            throw e;
        }
    }

    /** Names of the directories in it, in order; none where it is absent. */
    public static List<String> names(String path) {
        String[] names = new File(path).list((in, name) -> new File(in, name).isDirectory());
        if (names == null) return List.of();
        Arrays.sort(names);
        return List.of(names);
    }
}
