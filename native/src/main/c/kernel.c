#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

int sys_openat2(int at, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
    return (int)syscall(SYS_openat2, at, path, &how, sizeof how);
}

int sys_open_tree(int at, const char *path, unsigned flags)
{
    return (int)syscall(SYS_open_tree, at, path, flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

int sys_move_mount(int tree, int target)
{
    return (int)syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int sys_mount_setattr(int tree, uint64_t set, int userns)
{
    struct mount_attr attr = {.attr_set = set, .userns_fd = userns < 0 ? 0 : (unsigned)userns};
    return (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr);
}

int sys_fsopen(const char *type)
{
    return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

int sys_fspick(int at, const char *path)
{
    return (int)syscall(SYS_fspick, at, path, FSPICK_CLOEXEC | FSPICK_NO_AUTOMOUNT | FSPICK_SYMLINK_NOFOLLOW);
}

int sys_fsconfig(int fs, unsigned command, const char *key, const char *value)
{
    return (int)syscall(SYS_fsconfig, fs, command, key, value, 0);
}

int sys_fsmount(int fs, unsigned attributes)
{
    return (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}

int sys_pidfd_kill(int pidfd, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/* As fork(2). musl's own bookkeeping of threads does not matter to a program that has one. */
pid_t sys_clone3(uint64_t flags, int *pidfd, int cgroup)
{
    struct clone_args args = {
        .flags = flags | CLONE_PIDFD | (cgroup >= 0 ? UINT64_C(0x200000000) : 0) /* CLONE_INTO_CGROUP */,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = cgroup >= 0 ? (unsigned)cgroup : 0,
    };
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static void write_map(pid_t pid, const char *file, unsigned long base)
{
    char path[64], map[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int n = snprintf(map, sizeof map, "0 %lu 65536\n", base);
    AUTO_CLOSE int fd = must(open(path, O_WRONLY | O_CLOEXEC), "open", path);
    if (write(fd, map, (size_t)n) != n) /* user_namespaces(7): one write, once */
        die("write", path);
}

/*
 * A user namespace whose uids and gids 0..65535 are base.. outside. A process must be born in it for it to be. The other
 * namespaces do not belong to it, so root inside has no power over them.
 *
 * It is owned by base, not by the host's root: what the kernel counts per user (inotify instances, pending signals), it counts
 * for the owner, too, and no tenant may use up another's or the host's. The capabilities stay while the effective uid changes.
 */
static int userns_make(unsigned long base)
{
    int pidfd;
    must(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0), "keep", "capabilities");
    must(syscall(SYS_setresuid, -1, base, -1), "become", "the user namespace's owner");
    pid_t pid = must(sys_clone3(CLONE_NEWUSER, &pidfd, -1), "make", "user namespace");
    if (pid == 0)
        for (;;)
            pause();
    must(syscall(SYS_setresuid, -1, 0, -1), "become", "root again");
    must(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), "keep", "capabilities");
    must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "become", "non-dumpable"); /* the uid's change may have undone it */
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
    write_map(pid, "uid_map", base);
    write_map(pid, "gid_map", base);
    int fd = must(open(path, O_RDONLY | O_CLOEXEC), "open", path);
    must(sys_pidfd_kill(pidfd, SIGKILL), "end", "the user namespace's first process");
    wait_for(pidfd);
    close(pidfd);
    return fd;
}

/* Holds the namespace at FD_FIRST_OWN until the daemon has opened it there and kills us; or is gone. */
_Noreturn void userns_serve(const struct plan *plan)
{
    int fd = userns_make(plan->uid_base);
    if (fd != FD_FIRST_OWN)
        must(dup3(fd, FD_FIRST_OWN, O_CLOEXEC), "keep", "the user namespace");
    write_all(FD_STATUS, "ok\n", 3);
    struct pollfd daemon = {.fd = FD_STATUS}; /* POLLERR: nobody reads any more */
    while (poll(&daemon, 1, -1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

/* Inherited by children; written with privilege it is also the least that they may give themselves; proc(5). */
int score_open(void)
{
    return must(open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC), "open", "oom_score_adj");
}

static int score_read(int fd)
{
    char text[16] = "";
    return pread(fd, text, sizeof text - 1, 0) > 0 ? atoi(text) : 0;
}

void score_set(int fd, int score)
{
    char text[16];
    write_all(fd, text, (size_t)snprintf(text, sizeof text, "%d", score));
}

int score_of_hosts(int fd)
{
    score_set(fd, 0);
    score_set(fd, -1000);
    return score_read(fd);
}

void score_of_tenants(int fd)
{
    int own = score_read(fd);
    score_set(fd, own > 900 ? 1000 : own > 0 ? own + 100 : 100);
}

/* We never wait for its writers. */
void pipe_for_output(int ends[2])
{
    must(pipe2(ends, O_CLOEXEC), "make", "output pipe");
    must(fcntl(ends[0], F_SETFL, O_NONBLOCK), "make", "output pipe");
}

/* So that opening /dev/stdout works. */
void own_output(const int ends[2], const struct plan *plan)
{
    must(fchown(ends[0], (uid_t)(plan->uid_base + plan->uid), (gid_t)(plan->uid_base + plan->gid)), "chown", "output pipe");
}

struct stamp *executed;

int64_t us_by(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int64_t steady_us(void)
{
    return us_by(CLOCK_MONOTONIC);
}

int wait_for(int pidfd)
{
    siginfo_t info = {0};
    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
        if (errno != EINTR)
            return -1;
    return info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status & 0x7f;
}
