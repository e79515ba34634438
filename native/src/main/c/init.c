/*
 * PID 1 inside. It never executes anything, so it stays non-dumpable: nobody inside can read its memory, its descriptors or
 * its program. When it ends, the kernel kills all that is left in the sandbox; pid_namespaces(7).
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const int forwarded[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/*
 * Waits for the command and whoever has lost their parent; the command's wait status. All are told to stop, for a shell would not
 * pass it on; and once the command has ended then, those that are left are waited for: whoever stopped it kills when time is up.
 */
static int reap_until(pid_t command, const sigset_t *awaited)
{
    int status = 0;
    bool stopping = false, ended = false;
    while (true) {
        int one;
        pid_t pid;
        while ((pid = waitpid(-1, &one, WNOHANG)) > 0)
            if (pid == command) {
                ended = true;
                status = one;
                struct ending ending = {status, steady_us() - executed->wall};
                write_all(3, &ending, sizeof ending); /* now: it is the command's end, whatever becomes of those left */
            }
        if (ended && (!stopping || (pid < 0 && errno == ECHILD)))
            return status;
        siginfo_t info;
        int signal = sigwaitinfo(awaited, &info);
        /*
         * From outside of the namespace, from where it shows no sender: a stop. From inside it is the command's own affair; who
         * makes up a sender there can't make up SI_USER, rt_sigqueueinfo(2).
         */
        if (signal == SIGTERM && info.si_code == SI_USER && info.si_pid == 0) {
            stopping = true;
            kill(-1, SIGTERM);
        } else if (signal > 0 && signal != SIGCHLD && !ended)
            kill(command, signal); /* not reaped yet, so the number is still its own */
    }
}

_Noreturn void init_run(const struct plan *plan, const char *laps, int out, int err, int ended)
{
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        sigaddset(&awaited, forwarded[i]);
    /* PID 1 gets no signal that it does not handle, unless it is blocked; before the fork, so that none is lost. */
    must(sigprocmask(SIG_BLOCK, &awaited, NULL), "block", "signals");
    int null = must(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null"); /* the sandbox's own */
    write_all(report_fd, laps, strlen(laps)); /* from here on the end of the report without a word means success */
    /* In our memory until it is executed, which saves copying it: what it changes there is put back. */
    static int report;
    static struct stamp at;
    report = report_fd;
    executed = &at;
    pid_t command = must(vfork(), "fork", plan->arg[0]);
    if (command == 0)
        command_run(plan, null, out, err);
    report_fd = report;
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    must(dup2(ended, 3), "keep", "the way to the monitor");
    must(sys_close_range(4, ~0U, 0), "close", "descriptors");
    int status = reap_until(command, &awaited);
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
