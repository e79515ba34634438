/* The monitor: nothing but a loop around poll(2), so that it needs as good as no memory and outlives the daemon. */
#include "launcher.h"

#include <poll.h>

_Noreturn void monitor_run(int record, int init, int ended)
{
    struct pollfd polled[] = {{.events = POLLIN}, {.events = POLLIN}, {.fd = init, .events = POLLIN}};
    int patience = -1;
    bool reads = true;
    do {
        polled[0].fd = reads ? log_out.fd : -1; /* negative ones are passed over */
        polled[1].fd = reads ? log_err.fd : -1;
        if (poll(polled, 3, patience) < 0)
            continue;
        if (polled[0].revents != 0)
            log_read(&log_out);
        if (polled[1].revents != 0)
            log_read(&log_err);
        patience = log_flush(&reads);
    } while (polled[2].revents == 0);
    /* How it ended comes first: it waits for no disk. */
    int status = wait_for(init);
    struct ending command;
    bool of_command = read_some(ended, &command, sizeof command) == sizeof command;
    record_exit(record, of_command ? command.status : status, of_command ? &command.wall_us : NULL);
    log_end(); /* all inside are dead now; what they wrote is in the pipes */
    _exit(0);
}
