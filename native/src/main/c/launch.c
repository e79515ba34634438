/* Starts a sandbox's init and, by it, the command; then becomes its monitor. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct ends {
    int out[2], err[2], go[2], up[2], ended[2];
};

/* The child, PID 1 of its namespace, still as the host's root. */
static _Noreturn void become_init(const struct plan *plan, const struct ends *pipes, int netns, int userns)
{
    char go;
    report_fd = pipes->up[1];
    close(pipes->go[1]); /* else the end of a launcher that died would not be heard */
    rename_process("hostel-init");
    score_for_oom("100"); /* as long as /proc is the host's: it has our number there */
    must(setns(netns, CLONE_NEWNET), "enter", plan->netns);
    mounts_make(plan, userns);
    must(sethostname(plan->id, strlen(plan->id)), "set", "the hostname");
    confine_limits(plan->files);
    /* Until the launcher has put us into the cgroups and written the record. */
    if (read_some(pipes->go[0], &go, 1) != 1)
        _exit(1);
    /* Only now: the root of a new cgroup namespace is where the caller is; cgroup_namespaces(7). */
    must(unshare(CLONE_NEWCGROUP), "make", "cgroup namespace");
    confine(userns, -1);
    init_run(plan, pipes->out[1], pipes->err[1], pipes->ended[1]);
}

/* Reads until the report ends. Only "+" means that the command has been executed. */
static long report_of(int up, char *to, size_t size)
{
    size_t have = 0;
    for (long n; have < size && (n = read_some(up, to + have, size - have)) > 0;)
        have += (size_t)n;
    return (long)have;
}

_Noreturn void launch(const struct plan *plan)
{
    struct groups groups = {0}, monitors = {0};
    struct ends pipes;
    /* While the daemon's mounts are in sight: the template may not show what came after it. */
    int record = must(open(plan->record, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", plan->record);
    int netns = must(open(plan->netns, O_RDONLY | O_CLOEXEC), "open", plan->netns);
    log_open(plan);
    groups_open(&groups, &plan->cgroup, plan->unified);
    groups_open(&monitors, &plan->monitors, false);
    must(setns(FD_FROM, CLONE_NEWNS), "enter", "the template mount namespace");
    int userns = userns_make(plan->uid_base);

    pipe_for_output(pipes.out, (uid_t)(plan->uid_base + plan->uid), (gid_t)(plan->uid_base + plan->gid));
    pipe_for_output(pipes.err, (uid_t)(plan->uid_base + plan->uid), (gid_t)(plan->uid_base + plan->gid));
    must(pipe2(pipes.go, O_CLOEXEC), "make", "pipe");
    must(pipe2(pipes.up, O_CLOEXEC), "make", "pipe");
    must(pipe2(pipes.ended, O_CLOEXEC | O_NONBLOCK), "make", "pipe");
    int init;
    pid_t pid = must(sys_clone3(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC, &init,
                                plan->unified ? groups.fd[0] : -1), "clone", "init");
    if (pid == 0)
        become_init(plan, &pipes, netns, userns);
    /* Should any step from here on fail, the child hears the end of `go` and ends. */
    close(pipes.out[1]);
    close(pipes.err[1]);
    close(pipes.up[1]);
    close(pipes.ended[1]);
    score_for_oom("-500"); /* refused to a daemon without CAP_SYS_RESOURCE, and then left */
    if (!plan->unified)
        groups_join(&groups, pid); /* beside its mounting: on v1 this may take 10 ms */
    record_launch(record, pid); /* before the command can run: else a daemon that died now would never find it */
    write_all(pipes.go[1], "+", 1);

    char report[1024];
    long n = report_of(pipes.up[0], report, sizeof report);
    if (n != 1 || report[0] != '+') {
        sys_pidfd_kill(init, SIGKILL);
        wait_for(init);
        unlinkat(record, "launch", 0);
        if (n <= 1)
            die_with(ESRCH, "start", "init: it was killed while it was set up");
        size_t skipped = report[0] == '+'; /* init had forked when the command failed */
        write_all(FD_STATUS, report + skipped, (size_t)n - skipped);
        _exit(1);
    }
    write_all(FD_STATUS, "ok\n", 3);
    report_fd = -1;
    /* After the answer, since it may take its time; children are not affected. */
    groups_join(&monitors, 0);
    groups_close(&groups);
    groups_close(&monitors);
    close(pipes.go[0]);
    close(pipes.go[1]);
    close(pipes.up[0]);
    close(netns);
    close(userns);
    must(sys_close_range(FD_PLAN, FD_FROM, 0), "close", "the daemon's descriptors");
    static struct stream out = {.name = "stdout"}, err = {.name = "stderr"};
    out.fd = pipes.out[0];
    err.fd = pipes.err[0];
    monitor_run(record, init, &out, &err, pipes.ended[0]);
}
