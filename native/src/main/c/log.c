/*
 * Logs in the format that the Container Runtime Interface has: TIME STREAM F|P LINE, P where the line goes on. Two files,
 * NAME and before it NAME.1, each at most half of what is allowed.
 *
 * The command is never kept waiting for its log: what comes faster than is allowed, and what the disk refuses, is read all
 * the same, dropped by whole lines and counted. A line of the stream `host` tells how much, before the first line that is
 * kept again, and at the end. A line of which a part was kept is ended there; only its other bytes count as dropped.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

enum {
    MILLION = 1000000,
    MOST_PREFIX = 64,    /* time, stream and tag */
    LONGEST = 64 << 10,  /* so much of a line that was begun is kept, though more comes than is allowed */
    RETRY_MS = 1000,     /* until a disk that refused is asked again, where no line comes meanwhile */
};

struct stream log_out = {.fd = -1, .name = "stdout"}, log_err = {.fd = -1, .name = "stderr"};
static struct stream *const streams[] = {&log_out, &log_err};

static int dir = -1, file = -1;
static char name[256], older[258];
static unsigned long half, written;

static char batch[24 << 10]; /* with what is told before it, less than half of the least that may be allowed */
static size_t batched;
static struct count in_batch, refused, too_fast;
static int refusal; /* errno */

/* A bucket that holds what may be written within a second. It is emptied to its last line and then left to fill by half. */
static int64_t rate;    /* bytes a second; 0: not bounded */
static int64_t credit;  /* in millionths of a byte; below zero for a line that was begun */
static struct timespec filled;
static bool shut;

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
    rate = (int64_t)plan->log_rate;
    credit = rate * MILLION;
    clock_gettime(CLOCK_MONOTONIC, &filled);
}

void log_begin(void)
{
    reopen(0); /* refused, it is tried again with every batch */
}

static void rotate(void)
{
    close(file);
    renameat(dir, name, dir, older);
    reopen(O_TRUNC);
}

/* All of it or nothing, since a torn line would be taken for a whole one. */
static bool put(struct iovec *from, size_t bytes)
{
    if (written > 0 && written + bytes > half)
        rotate();
    if (file < 0)
        reopen(0);
    if (file < 0)
        return false;
    ssize_t n;
    do
        n = writev(file, from, 2);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)bytes) {
        written += bytes;
        return true;
    }
    int error = n < 0 ? errno : ENOSPC;
    struct stat st;
    if (n > 0 && (fstat(file, &st) < 0 || ftruncate(file, st.st_size - n) < 0))
        written = half; /* what is torn stays, as the end of its file: the next write rotates */
    errno = error;
    return false;
}

static size_t tell(char *to, size_t room, const struct count *dropped, const char *why)
{
    char now[32];
    stamp(now);
    int n = snprintf(to, room, "%s host F dropped %lu lines, %lu bytes: %s\n", now, dropped->lines, dropped->bytes, why);
    return (size_t)n < room ? (size_t)n : 0;
}

static void write_batch(void)
{
    char head[512], why[128];
    size_t told = 0;
    if (refused.bytes > 0) {
        snprintf(why, sizeof why, "the log's disk refused them (%s)", strerror(refusal));
        told += tell(head, sizeof head, &refused, why);
    }
    if (too_fast.bytes > 0 && !shut) {
        snprintf(why, sizeof why, "more than %lld bytes a second, hostel.logs.max-rate", (long long)rate);
        told += tell(head + told, sizeof head - told, &too_fast, why);
    }
    struct iovec from[] = {{.iov_base = head, .iov_len = told}, {.iov_base = batch, .iov_len = batched}};
    if (told + batched == 0)
        return;
    bool done = put(from, told + batched);
    if (done) {
        refused = (struct count){0};
        if (!shut)
            too_fast = (struct count){0};
        credit -= (int64_t)told * MILLION;
    } else {
        refusal = errno;
        refused.lines += in_batch.lines;
        refused.bytes += in_batch.bytes;
    }
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct stream *s = streams[i];
        if (done)
            s->open_in_file = s->open;
        else if (s->begun && s->lost == NULL)
            s->lost = &refused; /* the rest of the line too */
        s->open = s->open_in_file;
    }
    batched = 0;
    in_batch = (struct count){0};
}

static void fill(void)
{
    struct timespec before = filled;
    if (rate == 0) {
        credit = 0;
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &filled);
    int64_t us = (filled.tv_sec - before.tv_sec) * (int64_t)MILLION + (filled.tv_nsec - before.tv_nsec) / 1000;
    credit += (us < MILLION ? us : MILLION) * rate;
    if (credit > rate * MILLION)
        credit = rate * MILLION;
}

int log_flush(void)
{
    fill();
    write_batch();
    if (shut && credit >= rate * (MILLION / 2)) {
        shut = false;
        write_batch();
    }
    if (shut)
        return (int)((rate * (MILLION / 2) - credit) / rate / 1000) + 1;
    return refused.bytes + too_fast.bytes > 0 ? RETRY_MS : -1;
}

static void emit(struct stream *s, const char *now, char tag, const char *text, size_t bytes)
{
    size_t before = batched;
    batched += (size_t)snprintf(batch + batched, MOST_PREFIX, "%s %s %c ", now, s->name, tag);
    memcpy(batch + batched, text, bytes);
    batched += bytes;
    batch[batched++] = '\n';
    credit -= (int64_t)(batched - before) * MILLION;
    s->open = tag == 'P';
}

/* A line or the next part of one; `taken` is how much the command wrote for it. */
static void add(struct stream *s, const char *now, char tag, const char *text, size_t bytes, size_t taken)
{
    if (batched + bytes + 2 * MOST_PREFIX > sizeof batch)
        write_batch();
    if (!s->begun) {
        shut |= rate > 0 && credit <= 0;
        s->lost = shut ? &too_fast : NULL;
        (shut ? &too_fast : &in_batch)->lines++;
        if (!shut && s->open) /* the one before was cut off */
            emit(s, now, 'F', "", 0);
    } else if (s->lost == NULL && rate > 0 && credit <= -(int64_t)LONGEST * MILLION) {
        shut = true;
        s->lost = &too_fast;
    }
    s->begun = tag == 'P';
    (s->lost != NULL ? s->lost : &in_batch)->bytes += taken;
    if (s->lost == NULL)
        emit(s, now, tag, text, bytes);
}

/* Its unfinished line is finished. */
static void end(struct stream *s)
{
    char now[32];
    stamp(now);
    if (s->used > 0 || s->begun)
        add(s, now, 'F', s->line, s->used, s->used);
    s->used = 0;
    close(s->fd);
    s->fd = -1;
}

bool log_take(struct stream *s)
{
    long n = read_some(s->fd, s->line + s->used, sizeof s->line - s->used);
    char now[32];
    if (n < 0)
        return false;
    if (n == 0) {
        end(s);
        return false;
    }
    stamp(now);
    const char *at = s->line, *stop = s->line + s->used + n, *newline;
    for (; (newline = memchr(at, '\n', (size_t)(stop - at))) != NULL; at = newline + 1)
        add(s, now, 'F', at, (size_t)(newline - at), (size_t)(newline - at) + 1);
    s->used = (size_t)(stop - at);
    if (s->used == sizeof s->line) {
        add(s, now, 'P', at, s->used, s->used);
        s->used = 0;
    }
    memmove(s->line, at, s->used);
    return true;
}

void log_end(void)
{
    char now[32];
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct stream *s = streams[i];
        while (s->fd >= 0 && log_take(s))
            ;
        if (s->fd >= 0) /* somebody holds the other end still */
            end(s);
        write_batch();
        if (s->open) { /* it was cut off */
            stamp(now);
            emit(s, now, 'F', "", 0);
        }
    }
    shut = false;
    write_batch();
    write_batch(); /* what is told alone may find room where there was none for the rest */
}
