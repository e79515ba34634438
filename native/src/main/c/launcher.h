/*
 * The launcher: one static program that starts a sandbox's command and stays beside it as its monitor, or runs a further
 * command in a sandbox. Read launch.c first, then mounts.c, confine.c and init.c in the order in which the child goes.
 *
 * Who is who:
 *   launcher  started by the daemon; makes init and then is the monitor      launch.c, monitor.c, log.c
 *   init      PID 1 inside; sets the sandbox up from within, then reaps      mounts.c, confine.c, init.c
 *   command   init's child, the tenant's own program                         command.c
 */
#ifndef HOSTEL_LAUNCHER_H
#define HOSTEL_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

/* Descriptors that the daemon puts in place. */
enum {
    FD_PLAN = 3,      /* sealed memory with the plan, see plan.c */
    FD_STATUS = 4,    /* pipe to the daemon: "ok\n", or what failed */
    FD_FILTER = 5,    /* sealed memory with the seccomp program */
    FD_FROM = 6,      /* launch: the template mount namespace; exec: pidfd of the sandbox's init */
    FD_STDIN = 7,     /* exec only: sealed memory; and three that take what comes out */
    FD_STDOUT = 8,
    FD_STDERR = 9,
    FD_RESULT = 10,
    FD_FIRST_OWN = 11,
};

enum { MOST_PATHS = 32, MOST_STRINGS = 4096 };

struct paths {
    unsigned count;
    const char *path[MOST_PATHS];
};

/* All that a launch or an exec needs to know. Strings point into the plan's memory. */
struct plan {
    const char *mode;
    const char *id;          /* hostname inside */
    const char *netns;
    const char *layer;       /* directory of the two that follow */
    const char *upper, *work;
    const char *directory;   /* working directory inside */
    const char *record;      /* directory of the launch and exit records; staging is mounted over it inside */
    const char *log_dir, *log_name;
    struct paths lower, bind;
    struct paths cgroup, monitors; /* directories; on v2 one each */
    struct paths view;       /* where each of `cgroup` is shown below /sys/fs/cgroup; "." for itself */
    unsigned long unified;   /* 1: cgroup v2 */
    unsigned long uid_base, uid, gid, files, log_bytes, timeout_ms, output_bytes;
    unsigned args, envs;
    const char *arg[MOST_STRINGS + 1], *env[MOST_STRINGS + 1];
};

#define CLEANUP(f) __attribute__((cleanup(f)))
#define AUTO_CLOSE CLEANUP(close_at)

static inline void close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* report.c: what failed, to whom it concerns: the daemon for the launcher, the launcher for its child. */
extern int report_fd;
_Noreturn void die(const char *step, const char *what);   /* with errno */
_Noreturn void die_with(int error, const char *step, const char *what);
int must(long result, const char *step, const char *what); /* result, or die where it is -1 */
void write_all(int fd, const void *from, size_t bytes);
long read_some(int fd, void *to, size_t bytes);

/* plan.c */
void plan_read(struct plan *plan, int fd);

/* kernel.c: calls that musl does not know, and things that take several calls. */
struct open_how;
struct mount_attr;
int sys_openat2(int at, const char *path, uint64_t flags, uint64_t resolve);
int sys_open_tree(int at, const char *path, unsigned flags);
int sys_move_mount(int tree, int target);
int sys_mount_setattr(int tree, uint64_t set, int userns);
int sys_fsopen(const char *type);
int sys_fsconfig(int fs, unsigned command, const char *key, const char *value);
int sys_fsmount(int fs, unsigned attributes);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_pidfd_kill(int pidfd, int signal);
pid_t sys_clone3(uint64_t flags, int *pidfd, int cgroup);
int userns_make(unsigned long base);
void score_for_oom(const char *score);
void pipe_for_output(int ends[2], uid_t uid, gid_t gid);
int wait_for(int pidfd); /* wait status as of waitpid(2); the process is reaped */

/* cgroups.c */
struct groups {
    unsigned count;
    int fd[MOST_PATHS];
};
void groups_open(struct groups *groups, const struct paths *paths, bool directory);
void groups_join(const struct groups *groups, pid_t pid); /* 0: the caller */
void groups_close(struct groups *groups);

/* mounts.c */
void mounts_make(const struct plan *plan, int userns);

/* confine.c */
void filter_read(int fd);
void confine_limits(unsigned long files);
void confine(int userns, int pidfd);

/* init.c, command.c */
_Noreturn void init_run(const struct plan *plan, int out, int err, int ended);
_Noreturn void command_run(const struct plan *plan, int in, int out, int err);

/* log.c */
struct stream {
    int fd;
    const char *name;
    size_t used;
    char line[8192];
};
void log_open(const struct plan *plan);
bool log_take(struct stream *stream); /* false: at its end, or nothing there now */
void log_flush(void);

/* records.c */
void record_write(int dir, const char *name, const char *text);
void record_launch(int dir, pid_t init);
void record_exit(int dir, int status, bool of_command);
void stamp(char to[32]); /* now, UTC, as 2016-10-06T00:17:09.669794202Z */

/* main.c, and the modes */
void rename_process(const char *to);
_Noreturn void launch(const struct plan *plan);
_Noreturn void monitor_run(int record, int init, struct stream *out, struct stream *err, int ended);
_Noreturn void exec_in(const struct plan *plan);

#endif
