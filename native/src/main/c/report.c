#include "launcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int report_fd = FD_STATUS;

/* One message: errno's number, the step and its object, a line each. It fits PIPE_BUF, so pipe(7) keeps it whole. */
_Noreturn void die_with(int error, const char *step, const char *what)
{
    char text[1024];
    int n = snprintf(text, sizeof text, "%d\n%.100s\n%.800s", error, step, what);
    if (n > 0)
        write_all(report_fd, text, (size_t)n);
    _exit(1);
}

_Noreturn void die(const char *step, const char *what)
{
    die_with(errno, step, what);
}

int must(long result, const char *step, const char *what)
{
    if (result < 0)
        die(step, what);
    return (int)result;
}

/* Gives up silently: whoever should have read it is gone. */
void write_all(int fd, const void *from, size_t bytes)
{
    const char *at = from;
    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        at += n;
        bytes -= (size_t)n;
    }
}

long read_some(int fd, void *to, size_t bytes)
{
    ssize_t n;
    do
        n = read(fd, to, bytes);
    while (n < 0 && errno == EINTR);
    return n;
}
