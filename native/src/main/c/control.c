/*
 * How a plan comes to a zygote, or to an init that is parked. They listen on a socket in their record directory, where only
 * root comes: any daemon of this host can find it, the next one too. What only the monitor can open, it hands to its init
 * (SCM_RIGHTS, unix(7)), which has left the host's files behind.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

int control_listen(int directory)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "make", "the control socket");
    snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/control", directory); /* its own path may be too long for one */
    unlinkat(directory, "control", 0); /* of an attempt that failed */
    umask(077);
    must(bind(fd, (struct sockaddr *)&at, sizeof at), "bind", "the control socket");
    umask(022);
    must(listen(fd, 4), "listen on", "the control socket");
    return fd;
}

/* What comes behind the line stays in the socket. */
bool control_line(int connection, char *line, size_t size)
{
    for (size_t have = 0; have < size;) {
        ssize_t n = recv(connection, line + have, size - have, MSG_PEEK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        char *end = memchr(line + have, '\n', (size_t)n);
        size_t ours = end != NULL ? (size_t)(end + 1 - (line + have)) : (size_t)n;
        if (read_some(connection, line + have, ours) != (long)ours)
            return false;
        if (end != NULL) {
            *end = '\0';
            return true;
        }
        have += ours;
    }
    return false;
}

void gifts_add(struct gifts *gifts, int fd, const char *what)
{
    must(fd, "open", what);
    if (gifts->count == sizeof gifts->fd / sizeof *gifts->fd)
        die_with(E2BIG, "hand on", what);
    gifts->fd[gifts->count++] = fd;
}

enum { MOST_BYTES = sizeof ((struct gifts *)0)->fd };

/* cmsg(3): a header, then the descriptors. */
struct rights {
    struct cmsghdr header;
    int fd[MOST_BYTES / sizeof(int)];
};

_Static_assert(offsetof(struct rights, fd) == CMSG_LEN(0), "no room between the header and what it heads");

void gifts_send(int socket, const struct gifts *gifts)
{
    struct rights rights = {{.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}, {0}};
    char go = '+';
    struct iovec from = {.iov_base = &go, .iov_len = 1};
    rights.header.cmsg_len = (socklen_t)CMSG_LEN(gifts->count * sizeof(int));
    memcpy(rights.fd, gifts->fd, gifts->count * sizeof(int));
    struct msghdr message = {.msg_iov = &from, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = rights.header.cmsg_len};
    sendmsg(socket, &message, MSG_NOSIGNAL); /* a child that is gone is heard of by its report */
}

bool gifts_receive(int socket, struct gifts *gifts)
{
    struct rights rights = {0};
    char go;
    struct iovec to = {.iov_base = &go, .iov_len = 1};
    struct msghdr message = {.msg_iov = &to, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    ssize_t n;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != 1 || rights.header.cmsg_type != SCM_RIGHTS || message.msg_flags & MSG_CTRUNC)
        return false;
    gifts->count = (unsigned)((rights.header.cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(gifts->fd, rights.fd, gifts->count * sizeof(int));
    return true;
}
