/*
 * The launcher: one static program that starts a sandbox's command and stays beside it as its monitor, or runs a further
 * command in a sandbox. Read zygote.c and launch.c first, then mounts.c, confine.c and init.c in the order in which the child goes.
 *
 * Who is who:
 *   zygote    started by the daemon, in the sandbox's control groups; forks    zygote.c
 *             the next two for each launch, the first ahead of need
 *   monitor   makes init, brings it its plan, then holds logs and exit         launch.c, control.c, monitor.c, log.c
 *   init      PID 1 inside; sets the sandbox up from within, then reaps        mounts.c, confine.c, init.c
 *   command   init's child, the tenant's own program                           command.c
 */
#ifndef HOSTEL_LAUNCHER_H
#define HOSTEL_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Descriptors that the daemon puts in place. */
enum {
    FD_PLAN = 3,      /* sealed memory with the plan, see plan.c */
    FD_STATUS = 4,    /* pipe to the daemon: "ok\n", or what failed */
    FD_FILTER = 5,    /* sealed memory with the seccomp program */
    FD_FROM = 6,      /* zygote: the template mount namespace; exec: pidfd of the sandbox's init */
    FD_STDIN = 7,     /* exec only: sealed memory; and three that take what comes out */
    FD_STDOUT = 8,
    FD_STDERR = 9,
    FD_RESULT = 10,
    FD_FIRST_OWN = 11,
};

enum { MOST_PATHS = 32, MOST_STRINGS = 4096, FILES_TO_LAUNCH = 64 };

struct paths {
    unsigned count;
    const char *path[MOST_PATHS];
};

/* What init tells the monitor of the command. */
struct ending {
    int status; /* as of waitpid(2) */
    int64_t wall_us; /* since it was executed */
};

/* Of time, by a clock that nobody sets, and of a process's processor time, in microseconds. */
struct stamp {
    int64_t wall, cpu;
};

/* Where the command says when it is executed, in memory shared with who attends to it. */
extern struct stamp *executed;

/*
 * All that a launch or an exec needs to know. Strings point into the plan's memory. A zygote's plan has what is known before
 * there is a tenant: mode, id, netns, records, the groups and their view; the plan to launch by repeats it.
 */
struct plan {
    const char *mode;
    const char *id;          /* hostname inside */
    const char *netns;
    const char *userns;      /* an open descriptor of the tenant's, below the daemon's /proc */
    const char *layer;       /* directory of the two that follow */
    const char *upper, *work;
    const char *directory;   /* working directory inside */
    const char *records;     /* directory of the sandbox's records; the zygote mounts its staging over it */
    const char *record;      /* directory in it of one launch's records; a zygote's: where the first init is parked, or NULL */
    const char *log_dir, *log_name;
    struct paths lower, bind;
    struct paths cgroup, monitors; /* directories; on v2 one each */
    struct paths view;       /* where each of `cgroup` is shown below /sys/fs/cgroup; "." for itself */
    unsigned long unified;   /* 1: cgroup v2 */
    unsigned long leave_first; /* 1: nobody may be born from the daemon's group into another, see groups_try */
    unsigned long uid_base, uid, gid, files, log_bytes, log_rate, timeout_ms, output_bytes;
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
int sys_fspick(int at, const char *path);
int sys_fsconfig(int fs, unsigned command, const char *key, const char *value);
int sys_fsmount(int fs, unsigned attributes);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_pidfd_kill(int pidfd, int signal);
pid_t sys_clone3(uint64_t flags, int *pidfd, int cgroup);
_Noreturn void userns_serve(const struct plan *plan);
int score_open(void); /* what is written there is the score of who opened it */
void score_set(int fd, int score);
int score_of_hosts(int fd); /* never a tenant's victim; without CAP_SYS_RESOURCE the least that may be had, which is told */
void score_of_tenants(int fd); /* more than those have who attend to it */
void pipe_for_output(int ends[2]);
void own_output(const int ends[2], const struct plan *plan); /* to the command's user */
int wait_for(int pidfd); /* wait status as of waitpid(2); the process is reaped */
int64_t us_by(clockid_t clock);
int64_t steady_us(void); /* by a clock that nobody sets */

/* cgroups.c */
struct groups {
    unsigned count;
    int fd[MOST_PATHS];
};
void groups_open(struct groups *groups, const struct paths *paths, bool directory);
_Noreturn void groups_try(const struct plan *plan);
void groups_join(const struct groups *groups, pid_t pid); /* 0: the caller */
void groups_close(struct groups *groups);

/* control.c: how a plan comes to a parked init. */
struct gifts {
    unsigned count;
    int fd[MOST_PATHS * 2 + 4];
};
int control_listen(int directory);
bool control_line(int connection, char *line, size_t size); /* false where the daemon went away meanwhile */
void gifts_add(struct gifts *gifts, int fd, const char *what);
void gifts_send(int socket, const struct gifts *gifts);
bool gifts_receive(int socket, struct gifts *gifts); /* false: the sender is gone */

/* mounts.c, in the order of their calls. */
void mounts_base(const struct plan *plan);                        /* the zygote: what all launches start from */
void mounts_inside(const struct plan *plan);                      /* init: what belongs to its PID and IPC namespaces */
void mounts_gather(const struct plan *plan, struct gifts *gifts); /* the monitor, which sees the host's files */
void mounts_finish(const struct plan *plan, const int *trees);    /* init, with what was gathered */

/* confine.c */
void filter_read(int fd);
/* In the effective set, CAP_*; capabilities(7). On again only if it is permitted. */
void capability(int number, bool on);
void confine_limits(unsigned long files);
void limit_files(unsigned long files); /* once the command's own are all that is open */
void confine(int userns, int pidfd);

/* init.c, command.c */
_Noreturn void init_run(const struct plan *plan, const char *laps, int out, int err, int ended);
_Noreturn void command_run(const struct plan *plan, int in, int out, int err);

/* log.c */
struct count {
    unsigned long lines, bytes;
};
struct stream {
    int fd;
    const char *name;
    bool begun;          /* what the command wrote last is no whole line yet */
    struct count *lost;  /* where the rest of that line is counted as dropped; NULL: it is kept */
    bool open;           /* what was kept last is no whole line yet, */
    bool open_in_file;   /* and so much of it as is in the file is none */
    size_t used;
    char line[8192];
};
extern struct stream log_out, log_err;
void log_open(const struct plan *plan);
void log_begin(void); /* makes the file, for which a launch need not wait */
void log_read(struct stream *stream); /* as much of it as may be written now */
/* Whether there is to be read on, and in how many milliseconds at the latest it wants to be called again; -1: not before there is more. */
int log_flush(bool *reads);
void log_end(void);  /* takes what is there still */

/* records.c */
void record_zygote(int dir);
void record_parked(int dir, pid_t init);
void record_launch(int dir); /* of the one that was parked */
void record_namespaces(pid_t init);
const char *record_told(void); /* the launch's record and its namespaces, KEY=VALUE, with blanks between */
void record_executed(void); /* the time of one that init tells nothing of counts from now on */
void record_exit(int dir, int status, const int64_t *wall_us); /* NULL: it is init's own end */
struct timespec stamp(char to[32]); /* now, UTC, as 2016-10-06T00:17:09.669794202Z */

/* main.c, and the modes */
void rename_process(const char *to, const char *id);
_Noreturn void zygote(struct plan *plan);
_Noreturn void monitor(struct plan *plan, int netns, const struct groups *groups, const struct groups *monitors, int daemon);
_Noreturn void monitor_run(int record, int init, int ended);
_Noreturn void exec_in(const struct plan *plan);

#endif
