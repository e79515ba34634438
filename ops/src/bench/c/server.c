/*
 * The smallest web server that can be measured: answers every request with the moment at which it was started, so that a client
 * can tell one life of it from the next. Keeps connections unless told to close them, for any number of clients on one epoll(7).
 * Built static, so that loading costs nothing. With an argument it ends at once with status 3: a program that crashes.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char keeping[200], closing[200];
static int keeping_length, closing_length, queue;

static void watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event))
		close(fd);
}

/* A request comes in one piece from the clients that this is for. */
static void answer(int client)
{
	char request[4096];
	ssize_t got = read(client, request, sizeof request - 1);

	if (got <= 0) {
		close(client);
		return;
	}
	request[got] = 0;
	if (strstr(request, "HTTP/1.0\r\n") || strstr(request, "onnection: close")) {
		if (write(client, closing, (size_t)closing_length) == closing_length)
			shutdown(client, SHUT_WR); /* and closed when the client has closed */
		else
			close(client);
	} else if (write(client, keeping, (size_t)keeping_length) != keeping_length) {
		close(client);
	}
}

static void greet(int listener)
{
	int one = 1, client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (client < 0)
		return;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	watch(client);
}

int main(int arguments, char **unused)
{
	static const char form[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s";
	struct sockaddr_in any = { .sin_family = AF_INET };
	const char *port = getenv("PORT");
	struct epoll_event events[64];
	struct timespec now;
	int one = 1, listener, body;
	char life[40];

	(void)unused;
	if (arguments > 1)
		return 3;
	if (!port)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &now);
	body = snprintf(life, sizeof life, "%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
	keeping_length = snprintf(keeping, sizeof keeping, form, body, "keep-alive", life);
	closing_length = snprintf(closing, sizeof closing, form, body, "close", life);
	any.sin_port = htons((unsigned short)atoi(port));
	signal(SIGPIPE, SIG_IGN);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	queue = epoll_create1(EPOLL_CLOEXEC);
	if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 511))
		return 1;
	watch(listener);
	for (;;) {
		int ready = epoll_wait(queue, events, 64, -1);
		for (int i = 0; i < ready; i++) {
			if (events[i].data.fd == listener)
				greet(listener);
			else
				answer(events[i].data.fd);
		}
	}
}
