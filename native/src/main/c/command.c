/* The last steps of the process that becomes the command. It has no more power than the command will have. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* As execvp(3) searches, but in the PATH of the command's own environment. Returns the error. */
static int search(const char *program, char *const *argv, char *const *envp)
{
    if (strchr(program, '/') != NULL) {
        execve(program, argv, envp);
        return errno;
    }
    const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    for (char *const *env = envp; *env != NULL; env++)
        if (strncmp(*env, "PATH=", 5) == 0)
            path = *env + 5;
    int error = ENOENT;
    while (true) {
        char full[4096];
        size_t n = strcspn(path, ":");
        if (n > 0 && snprintf(full, sizeof full, "%.*s/%s", (int)n, path, program) < (int)sizeof full) {
            execve(full, argv, envp);
            if (errno == EACCES)
                error = EACCES; /* found, in a way: the better message if nothing else is */
            else if (errno != ENOENT && errno != ENOTDIR)
                return errno;
        }
        if (path[n] == '\0')
            return error;
        path += n + 1;
    }
}

_Noreturn void command_run(const struct plan *plan, int in, int out, int err)
{
    /* Dispositions survive execve(2): SIGPIPE is ignored by us, and init blocks what it waits for. */
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid(); /* fails where it leads one already */
    must(dup2(in, 0), "give", "stdin");
    must(dup2(out, 1), "give", "stdout");
    must(dup2(err, 2), "give", "stderr");
    /*
     * Before the tenant's paths are followed: a directory of the host's that is still open could be entered through
     * /proc/self/fd (CVE-2024-21626). What may stay is the report, which execve(2) closes.
     */
    must(dup2(report_fd, 3), "keep", "the report");
    report_fd = 3;
    must(fcntl(3, F_SETFD, FD_CLOEXEC), "keep", "the report");
    must(sys_close_range(4, ~0U, 0), "close", "descriptors");
    limit_files(plan->files);
    if (plan->uid != 0 || plan->gid != 0) {
        must(setresgid((gid_t)plan->gid, (gid_t)plan->gid, (gid_t)plan->gid), "become", "the user");
        must(setresuid((uid_t)plan->uid, (uid_t)plan->uid, (uid_t)plan->uid), "become", "the user");
        must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "stay", "non-dumpable"); /* the memory may be init's too */
    }
    char cwd[4096];
    if (chdir(plan->directory) < 0)
        die("enter the working directory", plan->directory);
    /* The call itself, since musl hides it: outside of the root it answers "(unreachable)…", getcwd(3). */
    if (syscall(SYS_getcwd, cwd, sizeof cwd) < 0 || cwd[0] != '/')
        die_with(EXDEV, "enter the working directory", plan->directory);
    executed->wall = steady_us();
    executed->cpu = us_by(CLOCK_PROCESS_CPUTIME_ID);
    die_with(search(plan->arg[0], (char *const *)plan->arg, (char *const *)plan->env), "exec", plan->arg[0]);
}
