/*
 * Logs in the format that the Container Runtime Interface has: TIME STREAM F|P LINE, P where the line goes on. Two files,
 * NAME and before it NAME.1, each at most half of what is allowed: by the plan, or by the number that the symbolic link
 * NAME.bound consists of, where that is less.
 *
 * What comes faster than is allowed is left in its pipe, which holds the command back once it is full: what is read, and
 * what is made of it, costs the host time that nobody else pays for. Little at a time is not worth a system call, so it is
 * left to gather for some milliseconds.
 *
 * What the disk refuses is read all the same, dropped by whole lines and counted. A line of the stream `host` tells how much,
 * before the first line that is kept again, and at the end. A line of which a part was kept is ended there; only its other
 * bytes count as dropped.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

enum {
    MILLION = 1000000,
    MOST_PREFIX = 64,    /* time, stream and tag */
    RETRY_MS = 1000,     /* until a disk that refused is asked again, where no line comes meanwhile */
    LITTLE = 4 << 10,    /* bytes: with less than that, */
    GATHER_MS = 10,      /* more is left to come; a pipe takes 64 KiB meanwhile */
    MOST_READS = 8,      /* in a row, as much as a pipe holds */
    BURST = 4,           /* seconds: so much of the rate at once, after quiet */
    LEAST = 64 << 10,    /* that a log may be allowed; less is nothing */
};

struct stream log_out = {.fd = -1, .name = "stdout"}, log_err = {.fd = -1, .name = "stderr"};
static struct stream *const streams[] = {&log_out, &log_err};

static int dir = -1, file = -1;
static char name[256], older[258], bound[262];
static unsigned long planned, half, written;
static time_t looked;

static char batch[24 << 10]; /* with what is told before it, less than half of the least that may be allowed */
static size_t batched;
static struct count in_batch, refused;
static int refusal; /* errno */

/* A bucket that is emptied by what is written, or would be if the disk took it, and read from again with the 20th part of a second. */
static int64_t rate;    /* bytes a second; 0: not bounded */
static int64_t credit;  /* in millionths of a byte; below zero by what was read at once */
static struct timespec filled;
static bool dry;
static size_t taken; /* since the last flush */

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
    snprintf(bound, sizeof bound, "%s.bound", name);
    half = planned = plan->log_bytes / 2;
    rate = (int64_t)plan->log_rate;
    credit = rate * BURST * MILLION;
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

/* What the log may take now. A link, since one call reads it whole. */
static void look(void)
{
    char text[24];
    if (filled.tv_sec == looked)
        return;
    looked = filled.tv_sec;
    ssize_t n = readlinkat(dir, bound, text, sizeof text - 1);
    half = planned;
    if (n <= 0)
        return;
    text[n] = '\0';
    unsigned long now = strtoul(text, NULL, 10);
    if (now / 2 < planned)
        half = now < LEAST ? 0 : now / 2;
}

/* All of it or nothing, since a torn line would be taken for a whole one. */
static bool put(struct iovec *from, size_t bytes)
{
    look();
    if (half == 0) {
        errno = ENOSPC;
        return false;
    }
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
        written = planned; /* what is torn stays, as the end of its file: the next write rotates */
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
    struct iovec from[] = {{.iov_base = head, .iov_len = told}, {.iov_base = batch, .iov_len = batched}};
    if (told + batched == 0)
        return;
    bool done = put(from, told + batched);
    if (done) {
        refused = (struct count){0};
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
    clock_gettime(CLOCK_MONOTONIC, &filled);
    if (rate == 0) {
        credit = 0;
        return;
    }
    int64_t us = (filled.tv_sec - before.tv_sec) * (int64_t)MILLION + (filled.tv_nsec - before.tv_nsec) / 1000;
    credit += (us < BURST * MILLION ? us : BURST * MILLION) * rate;
    if (credit > rate * BURST * MILLION)
        credit = rate * BURST * MILLION;
}

int log_flush(bool *reads)
{
    int64_t enough = rate * (MILLION / 20);
    bool little = taken > 0 && taken < LITTLE;
    taken = 0;
    fill();
    write_batch();
    dry = rate > 0 && credit < (dry ? enough : 1);
    *reads = !dry && !little;
    if (dry)
        return (int)((enough - credit) / rate / 1000) + 1;
    return little ? GATHER_MS : refused.bytes > 0 ? RETRY_MS : -1;
}

static void emit(struct stream *s, const char *now, char tag, const char *text, size_t bytes)
{
    char *at = stpcpy(stpcpy(stpcpy(batch + batched, now), " "), s->name);
    *at++ = ' ';
    *at++ = tag;
    *at++ = ' ';
    memcpy(at, text, bytes);
    at[bytes] = '\n';
    batched = (size_t)(at - batch) + bytes + 1;
    s->open = tag == 'P';
}

/* A line or the next part of one; `length` is how much the command wrote for it. */
static void add(struct stream *s, const char *now, char tag, const char *text, size_t bytes, size_t length)
{
    if (batched + bytes + 2 * MOST_PREFIX > sizeof batch)
        write_batch();
    if (!s->begun) {
        s->lost = NULL;
        in_batch.lines++;
        if (s->open) /* the one before was cut off */
            emit(s, now, 'F', "", 0);
    }
    s->begun = tag == 'P';
    (s->lost != NULL ? s->lost : &in_batch)->bytes += length;
    credit -= (int64_t)(strlen(now) + strlen(s->name) + sizeof " F  " + bytes) * MILLION;
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

/* So many bytes that no character of UTF-8 (RFC 3629) is cut, as far as these are some. */
static size_t whole_characters(const char *text, size_t bytes)
{
    for (size_t behind = 1; behind <= 3 && behind < bytes; behind++) {
        unsigned char c = (unsigned char)text[bytes - behind];
        if ((c & 0xc0) == 0x80)
            continue;
        size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        return needed > behind ? bytes - behind : bytes;
    }
    return bytes;
}

/* false: at its end, or nothing more there now */
static bool take(struct stream *s)
{
    size_t room = sizeof s->line - s->used;
    long n = read_some(s->fd, s->line + s->used, room);
    char now[32];
    if (n < 0)
        return false;
    if (n == 0) {
        end(s);
        return false;
    }
    taken += (size_t)n;
    stamp(now);
    const char *at = s->line, *stop = s->line + s->used + n, *newline;
    for (; (newline = memchr(at, '\n', (size_t)(stop - at))) != NULL; at = newline + 1)
        add(s, now, 'F', at, (size_t)(newline - at), (size_t)(newline - at) + 1);
    s->used = (size_t)(stop - at);
    if (s->used == sizeof s->line) {
        size_t whole = whole_characters(at, s->used);
        add(s, now, 'P', at, whole, whole);
        at += whole;
        s->used -= whole;
    }
    memmove(s->line, at, s->used);
    return (size_t)n == room;
}

void log_read(struct stream *s)
{
    for (int i = 0; i < MOST_READS && take(s) && (rate == 0 || credit > 0); i++)
        ;
}

void log_end(void)
{
    char now[32];
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct stream *s = streams[i];
        while (s->fd >= 0 && take(s))
            ;
        if (s->fd >= 0) /* somebody holds the other end still */
            end(s);
        write_batch();
        if (s->open) { /* it was cut off */
            stamp(now);
            emit(s, now, 'F', "", 0);
        }
    }
    write_batch();
    write_batch(); /* what is told alone may find room where there was none for the rest */
}
