/* The monitor: nothing but a loop around poll(2), so that it needs as good as no memory and outlives the daemon. */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

static void drain(struct stream *stream)
{
    while (stream->fd >= 0 && log_take(stream))
        ;
    if (stream->fd >= 0) { /* somebody holds the other end still: its unfinished line is finished */
        close(stream->fd);
        stream->fd = -1;
    }
}

_Noreturn void monitor_run(int record, int init, struct stream *out, struct stream *err, int ended)
{
    struct pollfd polled[] = {{.events = POLLIN}, {.events = POLLIN}, {.fd = init, .events = POLLIN}};
    do {
        polled[0].fd = out->fd;
        polled[1].fd = err->fd; /* negative ones are passed over */
        if (poll(polled, 3, -1) < 0 && errno != EINTR)
            break;
        if (polled[0].revents != 0)
            log_take(out);
        if (polled[1].revents != 0)
            log_take(err);
        log_flush();
    } while (polled[2].revents == 0);
    /* All inside are dead now; what they wrote is in the pipes. */
    drain(out);
    drain(err);
    log_flush();
    int status = wait_for(init), command;
    bool of_command = read_some(ended, &command, sizeof command) == sizeof command;
    record_exit(record, of_command ? command : status, of_command);
    _exit(0);
}
