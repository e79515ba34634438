/* What takes the powers away, in the one order that works. */
#include "launcher.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static struct sock_filter program[BPF_MAXINSNS];
static struct sock_fprog filter = {.filter = program};

static const unsigned char kept[] = {
    CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL,
    CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT,
};

void filter_read(int fd)
{
    size_t have = 0;
    for (long n; (n = read_some(fd, (char *)program + have, sizeof program - have)) != 0; have += (size_t)n)
        must(n, "read", "the seccomp filter");
    if (have == 0 || have % sizeof *program != 0)
        die_with(EINVAL, "read", "the seccomp filter");
    filter.len = (unsigned short)(have / sizeof *program);
}

static void limit(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit both = {soft, hard}, now;
    if (setrlimit(resource, &both) == 0)
        return;
    /* A daemon without CAP_SYS_RESOURCE raises nothing: then as much as it may itself. */
    if (errno != EPERM || getrlimit(resource, &now) < 0)
        die("set", "resource limits");
    both.rlim_max = now.rlim_max < hard ? now.rlim_max : hard;
    both.rlim_cur = both.rlim_max < soft ? both.rlim_max : soft;
    must(setrlimit(resource, &both), "set", "resource limits");
}

/* The daemon's own are for the daemon. Raising a hard one takes a privilege of the host's user namespace. */
void confine_limits(unsigned long files)
{
    files = files < FILES_TO_LAUNCH ? FILES_TO_LAUNCH : files; /* limit_files has the last word */
    limit(RLIMIT_NOFILE, files, files);
    /* 1, not 0: a core_pattern that is a pipe runs a program of the host's at any limit but this; fs/coredump.c. */
    limit(RLIMIT_CORE, 1, 1);
    limit(RLIMIT_NPROC, RLIM_INFINITY, RLIM_INFINITY); /* counted per uid, over all of a tenant's; the cgroup bounds it */
    limit(RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY);
    limit(RLIMIT_MEMLOCK, 8 << 20, 8 << 20);
    limit(RLIMIT_STACK, 8 << 20, RLIM_INFINITY);
    /* Also over all of a tenant's: queued signals and POSIX timers, of which each may cost 400 bytes; the kernel's MQ_BYTES_MAX. */
    limit(RLIMIT_SIGPENDING, 16384, 16384);
    limit(RLIMIT_MSGQUEUE, 819200, 819200);
    limit(RLIMIT_NICE, 0, 0);
    limit(RLIMIT_RTPRIO, 0, 0);
}

void limit_files(unsigned long files)
{
    if (files < FILES_TO_LAUNCH)
        limit(RLIMIT_NOFILE, files, files);
}

void capability(int number, bool on)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    must(syscall(SYS_capget, &header, data), "read", "capabilities");
    uint32_t bit = UINT32_C(1) << (number & 31), *effective = &data[number >> 5].effective;
    *effective = on ? *effective | (bit & data[number >> 5].permitted) : *effective & ~bit;
    must(syscall(SYS_capset, &header, data), "set", "capabilities");
}

static void capabilities(void)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < sizeof kept; i++)
        mask |= UINT64_C(1) << kept[i];
    /* The bounding set first: it takes CAP_SETPCAP. EINVAL is the end of this kernel's capabilities. */
    for (int cap = 0; cap < 64; cap++)
        if (!(mask >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
            if (errno == EINVAL)
                break;
            die("drop", "the bounding set");
        }
    must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "drop", "ambient capabilities");
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)mask, .permitted = (uint32_t)mask},
        {.effective = (uint32_t)(mask >> 32), .permitted = (uint32_t)(mask >> 32)},
    };
    /* Inheritable stays empty: root inside has all of the bounding set after execve(2) anyway, and others get none. */
    must(syscall(SYS_capset, &header, data), "drop", "capabilities");
}

/* userns: the namespace itself, or -1 for that of the process behind pidfd. */
void confine(int userns, int pidfd)
{
    /* The daemon's session keyring would be inherited; the filter takes keyctl(2) away. ENOSYS: no keyrings, no matter. */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) < 0 && errno != ENOSYS && errno != EDQUOT)
        die("leave", "the session keyring");
    /* After this the host's root is gone: what is still open is all that is left of it. */
    must(setns(userns >= 0 ? userns : pidfd, CLONE_NEWUSER), "enter", "the user namespace");
    must(setgroups(0, NULL), "clear", "groups");
    must(setresgid(0, 0, 0), "become", "gid 0");
    must(setresuid(0, 0, 0), "become", "uid 0");
    capabilities();
    /* After the uids, whose change sets it to what fs.suid_dumpable says. Until execve(2) nobody inside may look at us. */
    must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "become", "non-dumpable");
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set", "no_new_privs");
    /* Last: what follows is allowed by the filter, and what came before is not. */
    must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter), "load", "the seccomp filter");
}
