#include "launcher.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static struct plan plan;

static char *name;
static size_t name_room;

/* As ps shows it, inside and outside: in the memory where the arguments came; proc(5), /proc/PID/cmdline. */
void rename_process(const char *to, const char *id)
{
    size_t bytes = strlen(to) + 1;
    memset(name, 0, name_room);
    strncpy(name, to, name_room - 1);
    if (id != NULL && bytes < name_room)
        strncpy(name + bytes, id, name_room - bytes - 1);
    prctl(PR_SET_NAME, to, 0, 0, 0);
}

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        name_room += strlen(argv[i]) + 1;
    name = argv[0];
    /* Before anything is opened: what the daemon gave is ours alone, and what it did not give is closed. */
    must(sys_close_range(FD_FIRST_OWN, ~0U, 0), "close", "descriptors");
    must(sys_close_range(FD_PLAN, ~0U, CLOSE_RANGE_CLOEXEC), "close", "descriptors");
    must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "become", "non-dumpable");
    /* The call itself: musl keeps 32 to 34 for its own threads and does not touch them, though they may come in ignored. */
    static const unsigned long by_default[4];
    for (int i = 1; i < _NSIG; i++)
        syscall(SYS_rt_sigaction, i, by_default, NULL, sizeof(unsigned long));
    signal(SIGPIPE, SIG_IGN); /* the daemon may be gone when we report */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);

    plan_read(&plan, FD_PLAN);
    filter_read(FD_FILTER);
    if (strcmp(plan.mode, "zygote") == 0)
        zygote(&plan);
    if (strcmp(plan.mode, "userns") == 0)
        userns_serve(&plan);
    if (strcmp(plan.mode, "birth") == 0)
        groups_try(&plan);
    if (strcmp(plan.mode, "exec") == 0)
        exec_in(&plan);
    die_with(EINVAL, "read the plan", plan.mode);
}
