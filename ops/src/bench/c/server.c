/*
 * The smallest web server that can be measured: answers every request with the moment at which it was started, so that a client
 * can tell one life of it from the next. Built static, so that loading costs nothing.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec now;
	char answer[160], request[4096];
	struct sockaddr_in any = { .sin_family = AF_INET };
	const char *port = getenv("PORT");
	int one = 1, length, listener;

	if (!port)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &now);
	any.sin_port = htons((unsigned short)atoi(port));
	signal(SIGPIPE, SIG_IGN);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 511))
		return 1;
	length = snprintf(answer, sizeof answer,
			  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n%lld.%09ld\n",
			  (long long)now.tv_sec, now.tv_nsec);
	for (;;) {
		int client = accept(listener, NULL, NULL);
		if (client < 0)
			continue;
		if (read(client, request, sizeof request) > 0 && write(client, answer, (size_t)length) == length) {
			shutdown(client, SHUT_WR);
			while (read(client, request, sizeof request) > 0)
				;
		}
		close(client);
	}
}
