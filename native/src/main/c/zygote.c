/*
 * The zygote of a sandbox: in its control groups and in front of its staging, so that what it forks is there from birth. On v1
 * entering a group may take 10 ms, which no launch and no restart then waits for. It does nothing but fork a monitor for
 * every connection, which brings a plan, and the first one ahead of that.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

_Noreturn void zygote(struct plan *plan)
{
    struct groups groups = {0}, monitors = {0};
    rename_process("hostel-zygote", plan->id);
    int score = score_open();
    score_of_hosts(score); /* its monitors inherit it */
    close(score);
    /* While the daemon's mounts are in sight: the template may not show what came after it. */
    int records = must(open(plan->records, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", plan->records);
    int netns = must(open(plan->netns, O_RDONLY | O_CLOEXEC), "open", plan->netns);
    int listening = control_listen(records);
    groups_open(&groups, &plan->cgroup, plan->unified);
    groups_open(&monitors, &plan->monitors, false);
    record_zygote(records); /* before anything is forked: a daemon that died now finds it */
    close(records);
    if (!plan->unified)
        groups_join(&groups, 0);
    if (plan->leave_first)
        groups_join(&monitors, 0);
    must(setns(FD_FROM, CLONE_NEWNS), "enter", "the template mount namespace");
    mounts_base(plan);
    signal(SIGCHLD, SIG_IGN); /* monitors are watched by the daemon; nobody waits for them */
    if (plan->record != NULL && must(fork(), "fork", "the first monitor") == 0) {
        close(listening);
        monitor(plan, netns, &groups, &monitors, -1);
    }
    if (plan->record == NULL)
        write_all(FD_STATUS, "ok\n", 3); /* else the monitor says so */
    close(FD_STATUS);
    report_fd = -1;

    struct pollfd polled = {.fd = listening, .events = POLLIN};
    int patience = plan->unified && !plan->leave_first ? 20 : -1; /* on v2 it belongs to the monitors; entering may take 10 ms, so when there is time */
    while (true) {
        int n = poll(&polled, 1, patience);
        if (n == 0) {
            groups_join(&monitors, 0);
            patience = -1;
        }
        if (n <= 0)
            continue;
        int daemon = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        if (daemon < 0)
            continue;
        report_fd = daemon;
        if (must(fork(), "fork", "a monitor") == 0) {
            close(listening);
            monitor(plan, netns, &groups, &monitors, daemon);
        }
        report_fd = -1;
        close(daemon);
    }
}
