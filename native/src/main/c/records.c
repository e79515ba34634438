/* Records: small files of KEY=VALUE lines that appear whole or not at all. They lie on tmpfs, so nothing is synced. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

struct timespec stamp(char to[32])
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    char seconds[21];
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(to, 32, "%s.%09uZ", seconds, (unsigned)now.tv_nsec % 1000000000u);
    return now;
}

static void record_write(int dir, const char *name, const char *text)
{
    char temporary[32];
    snprintf(temporary, sizeof temporary, "%s.new", name);
    AUTO_CLOSE int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t bytes = strlen(text);
    if (fd < 0 || write(fd, text, bytes) != (ssize_t)bytes || renameat(dir, temporary, dir, name) < 0)
        die("record", name);
}

static void read_file(const char *path, char *to, size_t size)
{
    AUTO_CLOSE int fd = must(open(path, O_RDONLY | O_CLOEXEC), "open", path);
    long n = must(read_some(fd, to, size - 1), "read", path);
    to[n] = '\0';
}

/* Field 22 of /proc/PID/stat; the second field, the name, may contain anything, so count from its closing parenthesis. */
static unsigned long long start_ticks(pid_t pid)
{
    char path[32], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    read_file(path, text, sizeof text);
    char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at == NULL)
        die_with(EINVAL, "read", path);
    return strtoull(at, NULL, 10);
}

static void read_boot(char *boot, size_t size)
{
    read_file("/proc/sys/kernel/random/boot_id", boot, size);
    boot[strcspn(boot, "\n")] = '\0';
}

void record_zygote(int dir)
{
    char boot[64], text[256];
    read_boot(boot, sizeof boot);
    snprintf(text, sizeof text, "boot=%s\nzygote=%d\nzygote.start=%llu\n", boot, getpid(), start_ticks(getpid()));
    record_write(dir, "zygote", text);
}

static char identity[256]; /* the same in both records: the launch's need not wait for /proc */
static char launched[sizeof identity + 512];
static struct timespec launched_at;

void record_parked(int dir, pid_t init)
{
    char boot[64];
    read_boot(boot, sizeof boot);
    snprintf(identity, sizeof identity, "boot=%s\nmonitor=%d\nmonitor.start=%llu\ninit=%d\ninit.start=%llu\n", boot,
             getpid(), start_ticks(getpid()), init, start_ticks(init));
    record_write(dir, "parked", identity);
}

void record_launch(int dir)
{
    char now[32];
    launched_at = stamp(now);
    snprintf(launched, sizeof launched, "%sat=%s\n", identity, now);
    record_write(dir, "launch", launched);
}

/* Not in the record, since /proc tells them at any time; but the daemon waits for it, and would take longer. So with the time. */
void record_namespaces(pid_t init)
{
    static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
    size_t used = strlen(launched);
    used += (size_t)snprintf(launched + used, sizeof launched - used, "at.seconds=%lld\nat.nanos=%ld\n",
                             (long long)launched_at.tv_sec, launched_at.tv_nsec);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[48], link[48];
        snprintf(path, sizeof path, "/proc/%d/ns/%s", init, kinds[i]);
        ssize_t n = readlink(path, link, sizeof link);
        if (n > 0)
            used += (size_t)snprintf(launched + used, sizeof launched - used, "ns.%s=%.*s\n", kinds[i], (int)n, link);
    }
}

const char *record_told(void)
{
    for (char *at = launched; (at = strchr(at, '\n')) != NULL;)
        *at = at[1] == '\0' ? '\0' : ' ';
    return launched;
}

static int64_t executed_us;

void record_executed(void)
{
    executed_us = steady_us();
}

void record_exit(int dir, int status, const int64_t *wall_us)
{
    char now[32], text[256];
    stamp(now);
    bool signalled = WIFSIGNALED(status);
    snprintf(text, sizeof text, "%s=%d\ncommand=%d\nat=%s\nwall_us=%lld\n", signalled ? "signal" : "code",
             signalled ? WTERMSIG(status) : WEXITSTATUS(status), wall_us != NULL, now,
             (long long)(wall_us != NULL ? *wall_us : steady_us() - executed_us));
    record_write(dir, "exit", text);
}
