/*
 * A client that asks again and again, on a connection of its own each time, and tells how long each answer took: what a customer
 * sees of a machine under attack, by a program that costs next to nothing.
 *
 *   probe ADDRESS PORT PATH PERIOD-MILLIS
 *
 * It ends with its input. HOSTEL_TOKEN, where set, goes along as a bearer token. Each answer is then a line "MICROSECONDS STATUS",
 * from before the connection is made until it is closed; status 0 is one that did not come whole within 20 s.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20 };

static char request[4096];
static size_t request_length;

static long long micros(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int ask(const struct sockaddr_in *to)
{
	struct timeval patience = { PATIENCE_SECONDS, 0 };
	char answer[65536];
	int one = 1, status = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t got;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (!connect(fd, (const struct sockaddr *)to, sizeof *to) &&
	    write(fd, request, request_length) == (ssize_t)request_length) {
		got = read(fd, answer, sizeof answer);
		if (got > 12 && !strncmp(answer, "HTTP/1.1 ", 9))
			status = atoi(answer + 9);
		while (got > 0)
			got = read(fd, answer, sizeof answer);
		if (got < 0)
			status = 0;
	}
	close(fd);
	return status;
}

int main(int length, char **words)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *token = getenv("HOSTEL_TOKEN");
	struct pollfd input = { .fd = 0, .events = POLLIN };
	long long due, period;

	if (length != 5 || inet_pton(AF_INET, words[1], &to.sin_addr) != 1) {
		fputs("probe: see the head of probe.c\n", stderr);
		return 2;
	}
	to.sin_port = htons((unsigned short)atoi(words[2]));
	period = atol(words[4]) * 1000;
	request_length = (size_t)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n%s%s%sConnection: close\r\n\r\n",
		words[3], words[1], token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
	signal(SIGPIPE, SIG_IGN);
	for (due = micros();; due += period) {
		long long now = micros(), begun;
		int status;

		if (due < now)
			due = now; /* what a slow answer kept from being asked is not asked at once, in a row */
		if (poll(&input, 1, (int)((due - now) / 1000)))
			return 0;
		begun = micros();
		status = ask(&to);
		printf("%lld %d\n", micros() - begun, status);
	}
}
