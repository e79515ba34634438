/* A published port, asked as a client of the tenant's would ask. */
#include "client.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { POLL_MICROS = 100, CONNECT_MILLIS = 50, PATIENCE_SECONDS = 60 };

/* A lost SYN would come again after a second only: the wait for a connection is short, and the kernel's own is not relied on. */
static int dial(int port, long millis)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	struct timeval soon = { millis / 1000, millis % 1000 * 1000 }, later = { 2, 0 };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &later, sizeof later);
	if (connect(fd, (struct sockaddr *)&to, sizeof to)) {
		int error = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int ask(int port, long millis, char life[LIFE_BYTES])
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	int fd = dial(port, millis), error = 0;
	size_t have = 0;
	char answer[1024], *body;

	if (fd < 0)
		return errno;
	if (write(fd, request, sizeof request - 1) != sizeof request - 1) {
		error = errno;
	} else {
		for (;;) {
			ssize_t got = read(fd, answer + have, sizeof answer - 1 - have);
			if (got < 0)
				error = errno;
			if (got <= 0)
				break;
			have += (size_t)got;
		}
	}
	close(fd);
	answer[have] = 0;
	if (error)
		return error;
	body = strstr(answer, "\r\n\r\n");
	if (!body || strncmp(answer, "HTTP/1.1 200 ", 13))
		return -1;
	snprintf(life, LIFE_BYTES, "%.*s", LIFE_BYTES - 1, body + 4);
	return 0;
}

int service_ask(int port, char life[LIFE_BYTES])
{
	return ask(port, 2000, life);
}

int service_await(int port, const char *former, char life[LIFE_BYTES])
{
	long long deadline = nanos() + PATIENCE_SECONDS * 1000000000LL;
	int lost = 0;

	for (;;) {
		int error = ask(port, CONNECT_MILLIS, life);
		if (!error && strcmp(life, former))
			return lost;
		lost += error == ETIMEDOUT;
		if (nanos() > deadline)
			fail("no answer on port %d within %d s", port, PATIENCE_SECONDS);
		pause_micros(POLL_MICROS);
	}
}

int service_ask_kept(int port, int *fd)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	char answer[1024];
	ssize_t got;
	int error = 0;

	if (*fd < 0 && (*fd = dial(port, 2000)) < 0)
		return errno;
	if (write(*fd, request, sizeof request - 1) != sizeof request - 1 || (got = read(*fd, answer, sizeof answer)) < 0)
		error = errno;
	else if (got < 13 || strncmp(answer, "HTTP/1.1 200 ", 13))
		error = -1;
	if (error) {
		close(*fd);
		*fd = -1;
	}
	return error;
}
