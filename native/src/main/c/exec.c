/*
 * Runs a command in a sandbox that runs. The parent stays outside of its PID namespace, collects the output and sees to the
 * timeout; the child is born in all of the sandbox's namespaces but the user's. Until it is confined it is the host's root and
 * non-dumpable: processes inside see its number, and can neither look into it nor send it a signal.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { PATIENCE_MS = 2000 }; /* for a killed command to be gone */

struct collected {
    int from, to;
    unsigned long room;
    bool truncated;
};

static char buffer[16 << 10];

static long us_of(const struct rusage *used)
{
    return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000 + used->ru_utime.tv_usec + used->ru_stime.tv_usec;
}

/* One reading; false at the end, or where nothing is there now. */
static bool collect(struct collected *c)
{
    long n = c->from < 0 ? -1 : read_some(c->from, buffer, sizeof buffer);
    if (n < 0)
        return false;
    if (n == 0) {
        close(c->from);
        c->from = -1;
        return false;
    }
    unsigned long taken = (unsigned long)n < c->room ? (unsigned long)n : c->room;
    write_all(c->to, buffer, taken);
    c->room -= taken;
    c->truncated |= taken < (unsigned long)n;
    return true;
}

/* For as long as the command lives or its output comes; whether it had to be killed. */
static bool attend(int pidfd, pid_t pid, struct collected *out, struct collected *err, unsigned long timeout_ms)
{
    long deadline = (long)(steady_us() / 1000) + (long)timeout_ms;
    bool killed = false;
    struct pollfd polled[] = {{.events = POLLIN}, {.events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
    while (polled[2].revents == 0) {
        long left = deadline - (long)(steady_us() / 1000);
        if (left <= 0 && killed)
            break; /* not even SIGKILL ends it: it hangs in the kernel */
        if (left <= 0) {
            kill(-pid, SIGKILL); /* its group, if it got so far; not reaped yet, so the number is its own */
            sys_pidfd_kill(pidfd, SIGKILL);
            killed = true;
            deadline += PATIENCE_MS;
            continue;
        }
        polled[0].fd = out->from;
        polled[1].fd = err->from;
        if (poll(polled, 3, left > 1000000 ? 1000000 : (int)left) < 0)
            continue;
        if (polled[0].revents != 0)
            collect(out);
        if (polled[1].revents != 0)
            collect(err);
    }
    /* What the command wrote is in the pipes; processes that it left behind are not waited for, however fast they write. */
    for (int i = 0; i < 64 && collect(out); i++)
        ;
    for (int i = 0; i < 64 && collect(err); i++)
        ;
    return killed;
}

static _Noreturn void become_command(const struct plan *plan, const struct groups *groups, int up, int out, int err)
{
    report_fd = up;
    rename_process("hostel-exec", NULL);
    if (!plan->unified)
        groups_join(groups, 0);
    /* Not before the birth: from inside, v2 does not see the group that the parent is in, and refuses; cgroups(7). */
    must(setns(FD_FROM, CLONE_NEWCGROUP), "enter", "the cgroup namespace");
    confine_limits(plan->files);
    setsid(); /* so that its group can be killed from here on */
    confine(-1, FD_FROM);
    command_run(plan, FD_STDIN, out, err);
}

_Noreturn void exec_in(const struct plan *plan)
{
    struct groups groups = {0}, monitors = {0};
    int out[2], err[2], up[2], pidfd;
    groups_open(&groups, &plan->cgroup, plan->unified);
    groups_open(&monitors, &plan->monitors, false);
    if (plan->leave_first)
        groups_join(&monitors, 0);
    pipe_for_output(out);
    pipe_for_output(err);
    own_output(out, plan);
    own_output(err, plan);
    must(pipe2(up, O_CLOEXEC | O_NONBLOCK), "make", "pipe");
    executed = mmap(NULL, sizeof *executed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (executed == MAP_FAILED)
        die("map", "memory");
    int score = score_open(); /* while the host's /proc is in sight */
    int own = score_of_hosts(score);
    score_of_tenants(score); /* the command is born with it: it may be the kernel's victim */
    /* All at once, or none; ESRCH where init is gone. The PID namespace is that of the next child only. */
    must(setns(FD_FROM, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID),
         "enter", "the sandbox");
    pid_t pid = sys_clone3(0, &pidfd, plan->unified ? groups.fd[0] : -1);
    if (pid < 0) /* ENOMEM is what a PID namespace without its PID 1 answers; pid_namespaces(7) */
        die_with(errno == ENOMEM ? ESRCH : errno, "enter", "the sandbox");
    if (pid == 0)
        become_command(plan, &groups, up[1], out[1], err[1]);
    score_set(score, own);
    close(score);
    close(out[1]);
    close(err[1]);
    close(up[1]);
    write_all(FD_STATUS, "ok\n", 3);
    close(FD_STATUS);
    report_fd = -1;
    groups_join(&monitors, 0);

    struct collected o = {out[0], FD_STDOUT, plan->output_bytes, false}, e = {err[0], FD_STDERR, plan->output_bytes, false};
    bool killed = attend(pidfd, pid, &o, &e, plan->timeout_ms);
    int64_t wall = executed->wall > 0 ? steady_us() - executed->wall : 0;
    siginfo_t info = {0};
    struct rusage used = {0}; /* with those of its children that it has waited for; only the call itself tells, waitid(2) */
    int status = syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, &used) == 0 && info.si_pid != 0
        ? (info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : info.si_status & 0x7f)
        : SIGKILL;
    int64_t cpu = executed->wall > 0 ? us_of(&used) - executed->cpu : 0;
    char failure[1024] = "", text[1536];
    long n = read_some(up[0], failure, sizeof failure - 1);
    failure[n > 0 ? n : 0] = '\0';
    int bytes = snprintf(text, sizeof text, "%s=%d\ntruncated=%d\ntimed_out=%d\nwall_us=%ld\ncpu_us=%ld\n%s%s", WIFSIGNALED(status) ? "signal" : "code",
                         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), o.truncated || e.truncated, killed, (long)wall, cpu > 0 ? (long)cpu : 0,
                         n > 0 ? "failure=" : "", failure);
    write_all(FD_RESULT, text, (size_t)bytes);
    _exit(0);
}
