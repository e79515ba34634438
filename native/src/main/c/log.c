/*
 * Logs in the format that the Container Runtime Interface has: TIME STREAM F|P LINE, P where the line goes on. Two files,
 * NAME and before it NAME.1, each at most half of what is allowed. A disk that fails costs lines, never the command's time.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int dir = -1, file = -1;
static char name[256], older[258];
static unsigned long half, written, dropped;
static char batch[48 << 10];
static size_t batched;

static void reopen(int flags)
{
    struct stat st;
    file = openat(dir, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | flags, 0640);
    written = file >= 0 && fstat(file, &st) == 0 ? (unsigned long)st.st_size : 0;
}

void log_open(const struct plan *plan)
{
    dir = must(open(plan->log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", plan->log_dir);
    if (strlen(plan->log_name) >= sizeof name || strchr(plan->log_name, '/') != NULL)
        die_with(EINVAL, "open", plan->log_name);
    strcpy(name, plan->log_name);
    snprintf(older, sizeof older, "%s.1", name);
    half = plan->log_bytes / 2;
    reopen(0);
    must(file, "open", plan->log_name);
}

static void rotate(void)
{
    close(file);
    renameat(dir, name, dir, older);
    reopen(O_TRUNC);
}

static bool put(const char *from, size_t bytes)
{
    if (written > 0 && written + bytes > half)
        rotate();
    if (file < 0)
        reopen(0);
    if (file < 0)
        return false;
    while (bytes > 0) {
        ssize_t n = write(file, from, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        bytes -= (size_t)n;
        written += (unsigned long)n;
    }
    return true;
}

void log_flush(void)
{
    if (batched == 0)
        return;
    if (dropped > 0) {
        char now[32], line[128];
        stamp(now);
        int n = snprintf(line, sizeof line, "%s host F %lu bytes of log were lost: the disk refused them\n", now, dropped);
        if (put(line, (size_t)n))
            dropped = 0;
    }
    if (dropped > 0 || !put(batch, batched))
        dropped += batched;
    batched = 0;
}

static void emit(const char *now, const char *stream, char tag, const char *line, size_t bytes)
{
    if (batched + bytes + 64 > sizeof batch)
        log_flush();
    batched += (size_t)snprintf(batch + batched, 64, "%s %s %c ", now, stream, tag);
    memcpy(batch + batched, line, bytes);
    batched += bytes;
    batch[batched++] = '\n';
}

bool log_take(struct stream *s)
{
    long n = read_some(s->fd, s->line + s->used, sizeof s->line - s->used);
    char now[32];
    stamp(now);
    if (n < 0)
        return false;
    if (n == 0) {
        if (s->used > 0)
            emit(now, s->name, 'F', s->line, s->used);
        s->used = 0;
        close(s->fd);
        s->fd = -1;
        return false;
    }
    const char *at = s->line, *end = s->line + s->used + n, *newline;
    for (; (newline = memchr(at, '\n', (size_t)(end - at))) != NULL; at = newline + 1)
        emit(now, s->name, 'F', at, (size_t)(newline - at));
    s->used = (size_t)(end - at);
    if (s->used == sizeof s->line) {
        emit(now, s->name, 'P', at, s->used);
        s->used = 0;
    }
    memmove(s->line, at, s->used);
    return true;
}
