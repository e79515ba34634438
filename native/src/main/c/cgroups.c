/*
 * Control groups, opened while the host's /sys is in sight. A v1 hierarchy is joined by its cgroup.procs; into a v2 group a
 * process is born (CLONE_INTO_CGROUP), which costs nothing, and needs the directory.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

void groups_open(struct groups *groups, const struct paths *paths, bool directory)
{
    for (unsigned i = 0; i < paths->count; i++) {
        const char *dir = paths->path[i];
        char path[4096];
        if (snprintf(path, sizeof path, "%s%s", dir, directory ? "" : "/cgroup.procs") >= (int)sizeof path)
            die_with(ENAMETOOLONG, "open", dir);
        int flags = directory ? O_RDONLY | O_DIRECTORY : O_WRONLY;
        groups->fd[groups->count++] = must(open(path, flags | O_CLOEXEC), "open", path);
    }
}

/*
 * Whether whom we put into another group lives. Where the group that we are in was ever killed by cgroup.kill, many kernels kill
 * at birth whoever is born from it into another: cgroup_css_set_fork in kernel/cgroup/cgroup.c.
 */
_Noreturn void groups_try(const struct plan *plan)
{
    struct groups groups = {0};
    int child;
    groups_open(&groups, &plan->cgroup, true);
    if (must(sys_clone3(0, &child, groups.fd[0]), "clone", "a child") == 0)
        _exit(0);
    if (wait_for(child) != 0)
        die_with(ESRCH, "start", "a child in another group: it was killed at birth");
    write_all(FD_STATUS, "ok\n", 3);
    _exit(0);
}

void groups_join(const struct groups *groups, pid_t pid)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%d", pid);
    for (unsigned i = 0; i < groups->count; i++) {
        ssize_t written;
        do
            written = write(groups->fd[i], text, (size_t)n);
        while (written < 0 && errno == EINTR);
        if (written < 0)
            die("join", "cgroup");
    }
}

void groups_close(struct groups *groups)
{
    for (unsigned i = 0; i < groups->count; i++)
        close(groups->fd[i]);
    groups->count = 0;
}
