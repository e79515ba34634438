/*
 * One launch, from a monitor's birth to its work as monitor. An init can be parked: then all that needs no tenant is done
 * before there is one, and what is left when the plan comes is the root, the user namespace and the command. The plan may come
 * while the daemon still sees to the network; the command waits for its word.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

struct ends {
    int out[2], err[2], go[2], up[2], ended[2];
};

static struct timespec last_stamp;

/* Microseconds since it was last asked. */
static unsigned lap(void)
{
    struct timespec now, before = last_stamp;
    clock_gettime(CLOCK_MONOTONIC, &now);
    last_stamp = now;
    return (unsigned)((now.tv_sec - before.tv_sec) * 1000000 + (now.tv_nsec - before.tv_nsec) / 1000);
}

/* The child, PID 1 of its namespace, still as the host's root. */
static _Noreturn void become_init(struct plan *plan, const struct ends *pipes, int netns)
{
    struct gifts gifts;
    report_fd = pipes->up[1];
    close(pipes->go[1]); /* else the end of a monitor that died would not be heard */
    rename_process("hostel-init", NULL);
    must(setns(netns, CLONE_NEWNET), "enter", plan->netns);
    mounts_inside(plan);
    int score = score_open();
    score_of_tenants(score);
    close(score);
    must(sethostname(plan->id, strlen(plan->id)), "set", "the hostname");
    write_all(report_fd, "p", 1);

    if (!gifts_receive(pipes->go[0], &gifts))
        _exit(1);
    lap();
    plan_read(plan, gifts.fd[0]);
    int userns = gifts.fd[1];
    mounts_finish(plan, gifts.fd + 2);
    unsigned mounted = lap();
    confine_limits(plan->files);
    must(unshare(CLONE_NEWCGROUP), "make", "cgroup namespace"); /* its root is the group that we were born in */
    confine(userns, -1);
    char go, laps[64];
    snprintf(laps, sizeof laps, "mounts=%u confine=%u\n", mounted, lap());
    if (read_some(pipes->go[0], &go, 1) != 1)
        _exit(1);
    init_run(plan, laps, pipes->out[1], pipes->err[1], pipes->ended[1]);
}

/* Reads on behind what it has of the report, until that ends, or has a line; terminated. */
static size_t report_of(int up, char *to, size_t have, size_t size, bool line)
{
    to[have] = '\0';
    for (long n; have < size - 1 && !(line && strchr(to, '\n') != NULL) && (n = read_some(up, to + have, size - 1 - have)) > 0;) {
        have += (size_t)n;
        to[have] = '\0';
    }
    return have;
}

/* Passes on what the child said of its failure, and ends with it. */
static _Noreturn void fail(int init, const char *report, size_t bytes)
{
    sys_pidfd_kill(init, SIGKILL);
    wait_for(init);
    if (bytes == 0)
        die_with(ESRCH, "start", "init: it was killed while it was set up");
    write_all(report_fd, report, bytes);
    _exit(1);
}

/* Waits for a daemon that says where it holds the plan open, as a path below its /proc, in a line. */
static int await_plan(int record, int init, char *where, size_t size)
{
    int listening = control_listen(record);
    struct pollfd polled[] = {{.fd = listening, .events = POLLIN}, {.fd = init, .events = POLLIN}};
    write_all(FD_STATUS, "ok\n", 3);
    close(FD_STATUS);
    report_fd = -1;
    while (true) {
        int n = poll(polled, 2, -1);
        if (polled[1].revents != 0)
            _exit(1); /* killed with the sandbox's group, or out of memory */
        int daemon = n > 0 ? accept4(listening, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (daemon < 0)
            continue;
        if (control_line(daemon, where, size)) {
            close(listening);
            unlinkat(record, "control", 0);
            return daemon;
        }
        close(daemon); /* it died; the next one may come */
    }
}

/*
 * What was opened by its number in the daemon is what it was only if the daemon still wants the launch: it closes the connection
 * first, and its numbers are given out again.
 */
static void require_wanted(int daemon)
{
    struct pollfd polled = {.fd = daemon, .events = POLLRDHUP};
    if (poll(&polled, 1, 0) != 0)
        _exit(1);
}

/* All that is init's to have. Nothing that is opened here stays open in the monitor. */
static void hand_over(const struct plan *plan, const struct ends *pipes, int planned, int daemon)
{
    struct gifts gifts = {0};
    own_output(pipes->out, plan);
    own_output(pipes->err, plan);
    gifts_add(&gifts, planned, "the plan");
    gifts_add(&gifts, open(plan->userns, O_RDONLY | O_CLOEXEC), plan->userns);
    mounts_gather(plan, &gifts);
    require_wanted(daemon);
    gifts_send(pipes->go[1], &gifts);
    for (unsigned i = 0; i < gifts.count; i++)
        close(gifts.fd[i]);
}

/* daemon: the connection that a plan comes by; -1: init is parked until one does. */
_Noreturn void monitor(struct plan *plan, int netns, const struct groups *groups, const struct groups *monitors, int daemon)
{
    struct ends pipes;
    int init;
    char path[4096], where[64], report[1024];
    bool parked = daemon < 0;
    report_fd = parked ? FD_STATUS : daemon;
    signal(SIGCHLD, SIG_DFL);
    rename_process("hostel-monitor", plan->id);
    pipe_for_output(pipes.out);
    pipe_for_output(pipes.err);
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipes.go), "make", "socket pair");
    must(pipe2(pipes.up, O_CLOEXEC), "make", "pipe");
    must(pipe2(pipes.ended, O_CLOEXEC | O_NONBLOCK), "make", "pipe");
    lap();
    pid_t pid = must(sys_clone3(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC, &init,
                                plan->unified ? groups->fd[0] : -1), "clone", "init");
    if (pid == 0)
        become_init(plan, &pipes, netns);
    /* Should any step from here on fail, init hears the end of `go` and ends. */
    close(pipes.out[1]);
    close(pipes.err[1]);
    close(pipes.go[0]);
    close(pipes.up[1]);
    close(pipes.ended[1]);
    close(netns);
    must(setns(FD_FROM, CLONE_NEWNS), "enter", "the template mount namespace");
    if (!parked && !(control_line(daemon, path, sizeof path) && control_line(daemon, where, sizeof where)))
        _exit(1);
    int record = must(open(parked ? plan->record : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", parked ? plan->record : path);
    record_parked(record, pid); /* before anybody can be told of it: else a daemon that died now would never find it */
    if (parked) {
        long n = read_some(pipes.up[0], report, 1);
        if (n != 1 || report[0] != 'p')
            fail(init, report, n != 1 ? 0 : report_of(pipes.up[0], report, 1, sizeof report, false));
        report_fd = daemon = await_plan(record, init, where, sizeof where);
        lap();
    }
    int planned = must(open(where, O_RDONLY | O_CLOEXEC), "open the plan", where);
    require_wanted(daemon);
    plan_read(plan, planned);
    hand_over(plan, &pipes, planned, daemon);
    unsigned handed = lap();
    log_open(plan);
    record_launch(record); /* before the command can run, for the same reason */
    if (!control_line(daemon, where, sizeof where))
        fail(init, report, 0);
    lap();
    write_all(pipes.go[1], "!", 1);
    size_t bytes = report_of(pipes.up[0], report, 0, sizeof report, true);
    record_namespaces(pid); /* init is in its last by now, and the command's execve(2) takes its time */
    bytes = report_of(pipes.up[0], report, bytes, sizeof report, false);
    record_executed();
    const char *said = report + (!parked && report[0] == 'p');
    /* A line of laps means that init has forked; nothing behind it, that the command was executed. */
    char *laps_end = *said == 'm' ? strchr(said, '\n') : NULL;
    if (laps_end == NULL || laps_end[1] != '\0') {
        const char *failure = laps_end == NULL ? said : laps_end + 1;
        fail(init, failure, bytes - (size_t)(failure - report));
    }
    *laps_end = '\0';
    char answer[1024];
    int n = snprintf(answer, sizeof answer, "ok hand=%u %s exec=%u %s\n", handed, said, lap(), record_told());
    unlinkat(record, "parked", 0); /* from here on it is launched, and nothing else */
    write_all(daemon, answer, (size_t)n);
    report_fd = -1;
    close(daemon);
    groups_join(monitors, 0); /* after the answer, since it may take its time; on v2 the zygote may not have been there yet */
    must(sys_close_range(FD_PLAN, FD_FROM, 0), "close", "the daemon's descriptors");
    close(pipes.go[1]);
    close(pipes.up[0]);
    log_begin();
    log_out.fd = pipes.out[0];
    log_err.fd = pipes.err[0];
    monitor_run(record, init, pipes.ended[0]);
}
