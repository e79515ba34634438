package io.hostel.sys;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * libc as it is. Pointers are addresses of {@link Memory}; every function leaves its errno in a slot of the calling thread,
 * which {@link #errno()} reads: nothing else may run on the thread in between.
 *
 * <p>Functions of exactly six arguments are declared with a seventh, which C does not look at: the stub that jnr-ffi 2.3.4
 * compiles for six on x86_64 passes garbage as the sixth.
 *
 * <p>Public because the class that jnr-ffi makes of it lives in a loader of its own; for this package only.
 */
public interface Libc {
    Libc LIBC = LibraryLoader.create(Libc.class).load("c");
    Runtime RUNTIME = Runtime.getRuntime(LIBC);

    static Errno errno() {
        return Errno.of(RUNTIME.getLastError());
    }

    /** Always with six arguments: the caller's garbage would be passed for those that lack. */
    long syscall(long number, long a, long b, long c, long d, long e, long f);

    int open(long path, int flags, int mode);

    int openat(int directory, long path, int flags, int mode);

    int close(int fd);

    long read(int fd, long to, long bytes);

    long pread(int fd, long to, long bytes, long offset);

    long write(int fd, long from, long bytes);

    long pwrite(int fd, long from, long bytes, long offset);

    int pipe2(long two, int flags);

    int memfd_create(long name, int flags);

    int fcntl(int fd, int command, long argument);

    int ioctl(int fd, long request, long argument);

    int fdatasync(int fd);

    int syncfs(int fd);

    int fallocate(int fd, int mode, long offset, long bytes);

    int statx(int directory, long path, int flags, int mask, long to);

    int statfs(long path, long to);

    int mkdir(long path, int mode);

    int rmdir(long path);

    int chmod(long path, int mode);

    int fchmod(int fd, int mode);

    int chown(long path, int uid, int gid);

    int mount(long source, long target, long type, long flags, long options);

    int umount2(long target, int flags);

    int unshare(int flags);

    int setns(int fd, int type);

    int socket(int domain, int type, int protocol);

    int bind(int fd, long address, int bytes);

    int connect(int fd, long address, int bytes);

    int getsockname(int fd, long address, long bytes);

    int getsockopt(int fd, int level, int name, long value, long bytes);

    int setsockopt(int fd, int level, int name, long value, int bytes);

    long sendto(int fd, long from, long bytes, int flags, long address, int addressBytes, long unused);

    long recvfrom(int fd, long to, long bytes, int flags, long address, long addressBytes, long unused);

    int poll(long fds, long count, int milliseconds);

    int posix_spawn(long pid, long path, long actions, long attributes, long arguments, long environment, long unused);

    int posix_spawn_file_actions_init(long actions);

    int posix_spawn_file_actions_destroy(long actions);

    int posix_spawn_file_actions_adddup2(long actions, int fd, int target);

    int posix_spawn_file_actions_addopen(long actions, int fd, long path, int flags, int mode);

    int posix_spawn_file_actions_addclose(long actions, int fd);

    int posix_spawn_file_actions_addclosefrom_np(long actions, int from);

    int posix_spawnattr_init(long attributes);

    int posix_spawnattr_destroy(long attributes);

    int posix_spawnattr_setflags(long attributes, short flags);

    int posix_spawnattr_setsigmask(long attributes, long set);

    int posix_spawnattr_setsigdefault(long attributes, long set);

    int waitid(int kind, int id, long to, int options);

    int kill(int pid, int signal);

    int geteuid();

    int umask(int mask);

    int prctl(int option, long a, long b, long c, long d);

    int epoll_create1(int flags);

    int epoll_ctl(int epoll, int operation, int fd, long event);

    int epoll_wait(int epoll, long events, int most, int milliseconds);

    int eventfd(int initial, int flags);

    int uname(long to);

    long sysconf(int name);
}
