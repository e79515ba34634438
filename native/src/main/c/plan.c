/* The plan: KEY=VALUE strings, each ended by a zero byte, in sealed memory: it cannot change while it is read. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { MOST_BYTES = 4 << 20 };

static void add(struct paths *paths, const char *value)
{
    if (paths->count == MOST_PATHS)
        die_with(E2BIG, "read the plan", value);
    paths->path[paths->count++] = value;
}

static void string(const char **list, unsigned *count, const char *value)
{
    if (*count == MOST_STRINGS)
        die_with(E2BIG, "exec", *count > 0 ? list[0] : value);
    list[(*count)++] = value;
}

static unsigned long number(const char *value)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(value, &end, 10);
    if (errno != 0 || *value == '\0' || *end != '\0')
        die_with(EINVAL, "read the plan", value);
    return n;
}

static void field(struct plan *p, const char *key, const char *value)
{
    const struct { const char *key; const char **to; } texts[] = {
        {"mode", &p->mode}, {"id", &p->id}, {"netns", &p->netns}, {"userns", &p->userns}, {"layer", &p->layer}, {"upper", &p->upper},
        {"work", &p->work}, {"directory", &p->directory}, {"records", &p->records}, {"record", &p->record}, {"log_dir", &p->log_dir},
        {"log_name", &p->log_name},
    };
    const struct { const char *key; unsigned long *to; } numbers[] = {
        {"unified", &p->unified}, {"uid_base", &p->uid_base}, {"uid", &p->uid}, {"gid", &p->gid}, {"files", &p->files},
        {"log_bytes", &p->log_bytes}, {"log_rate", &p->log_rate}, {"timeout_ms", &p->timeout_ms}, {"leave_first", &p->leave_first}, {"output_bytes", &p->output_bytes},
    };
    const struct { const char *key; struct paths *to; } lists[] = {
        {"lower", &p->lower}, {"bind", &p->bind}, {"cgroup", &p->cgroup}, {"monitors", &p->monitors}, {"view", &p->view},
    };
    bool known = true;
    if (strcmp(key, "arg") == 0)
        string(p->arg, &p->args, value);
    else if (strcmp(key, "env") == 0)
        string(p->env, &p->envs, value);
    else
        known = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(key, texts[i].key) == 0)
            known = (*texts[i].to = value) != NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            known = (*numbers[i].to = number(value), true);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(key, lists[i].key) == 0)
            known = (add(lists[i].to, value), true);
    if (!known)
        die_with(EINVAL, "read the plan", key);
}

static bool complete(const struct plan *p)
{
    if (p->mode == NULL || p->uid > 65535 || p->gid > 65535)
        return false;
    if (strcmp(p->mode, "userns") == 0)
        return p->uid_base != 0;
    if (strcmp(p->mode, "birth") == 0)
        return p->cgroup.count == 1;
    bool sandbox = p->id && p->netns && p->records && p->cgroup.count > 0 && p->view.count == p->cgroup.count;
    if (strcmp(p->mode, "zygote") == 0)
        return sandbox;
    if (p->cgroup.count == 0 || p->directory == NULL || p->args == 0)
        return false;
    return strcmp(p->mode, "launch") != 0
        || (sandbox && p->record && p->userns && p->layer && p->upper && p->work && p->log_dir && p->log_name && p->lower.count > 0
            && p->uid_base != 0);
}

void plan_read(struct plan *plan, int fd)
{
    struct stat st;
    memset(plan, 0, offsetof(struct plan, arg)); /* of the lists behind it none is read twice */
    must(fcntl(fd, F_GET_SEALS) >= 0 ? 0 : -1, "read the plan", "its descriptor");
    must(fstat(fd, &st), "read the plan", "its size");
    if (st.st_size <= 0 || st.st_size > MOST_BYTES)
        die_with(E2BIG, "exec", "its arguments and environment");
    size_t bytes = (size_t)st.st_size;
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        die("read the plan", "mmap");
    char *end = at + bytes;
    if (end[-1] != '\0')
        die_with(EINVAL, "read the plan", "its end");
    while (at < end) {
        char *next = at + strlen(at) + 1; /* within bounds: the last byte is zero */
        char *value = strchr(at, '=');
        if (value == NULL)
            die_with(EINVAL, "read the plan", at);
        *value++ = '\0';
        field(plan, at, value);
        at = next;
    }
    if (!complete(plan))
        die_with(EINVAL, "read the plan", "what is missing");
}
