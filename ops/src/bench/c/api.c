/* The host's API over one kept connection: a prepared request, one write, the answer read whole. */
#include "client.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&to, sizeof to))
		fail("no API on port %d: %m", port);
	return fd;
}

struct api *api_open(int port)
{
	struct api *api = calloc(1, sizeof *api);

	if (!api)
		fail("no memory");
	api->port = port;
	api->fd = dial(port);
	return api;
}

/* Reads head and body into api->answer; the body is then moved to its beginning. Only answers with a Content-Length go. */
static int receive(struct api *api)
{
	size_t have = 0, whole = 0;
	int status = 0;
	char *end = NULL;

	while (!end || have < whole) {
		ssize_t got = read(api->fd, api->answer + have, ANSWER_BYTES - 1 - have);
		if (got <= 0)
			fail("the API broke off: %m");
		have += (size_t)got;
		api->answer[have] = 0;
		if (!end && (end = strstr(api->answer, "\r\n\r\n"))) {
			char *length;
			*end = 0;
			length = strcasestr(api->answer, "content-length:");
			if (sscanf(api->answer, "HTTP/1.1 %d", &status) != 1 || !length)
				fail("not understood: %s", api->answer);
			end += 4;
			whole = (size_t)(end - api->answer) + strtoul(length + 15, NULL, 10);
			if (whole >= ANSWER_BYTES)
				fail("an answer of %zu bytes", whole);
		}
	}
	memmove(api->answer, end, have - (size_t)(end - api->answer) + 1);
	return status;
}

int api_call(struct api *api, const char *method, const char *path, const char *body)
{
	const char *token = getenv("HOSTEL_TOKEN");
	char request[1024], peek;
	int length = snprintf(request, sizeof request,
			      "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
			      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			      method, path, token ? token : "", body ? strlen(body) : 0, body ? body : "");

	if (length >= (int)sizeof request)
		fail("too long a request");
	if (!recv(api->fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT)) { /* the host has closed it while it was idle */
		close(api->fd);
		api->fd = dial(api->port);
	}
	if (write(api->fd, request, (size_t)length) != length)
		fail("cannot ask the API: %m");
	return receive(api);
}

void api_scale(struct api *api, const struct process *process, int scale, const char *wait)
{
	char path[400], body[40];
	int status;

	snprintf(path, sizeof path, "%s%s%s", process->process, *wait ? "?wait=" : "", wait);
	snprintf(body, sizeof body, "{\"scale\":%d}", scale);
	status = api_call(api, "PATCH", path, body);
	if (status / 100 != 2 || (*wait && status != 200))
		fail("PATCH %s %s: %d %s", path, body, status, api->answer);
}

int api_pid(struct api *api, const struct process *process)
{
	char path[400];
	const char *at = api->answer;
	int pid;

	snprintf(path, sizeof path, "%s/sandboxes", process->app);
	if (api_call(api, "GET", path, NULL) != 200)
		fail("GET %s: %s", path, api->answer);
	while ((at = strstr(at, "\"pid\":"))) {
		at += 6;
		if (sscanf(at, "%d", &pid) == 1)
			return pid;
	}
	fail("no sandbox with a pid: %s", api->answer);
}

double api_warm(struct api *api)
{
	const char *at = api->answer;
	double sum = -1;

	if (api_call(api, "GET", "/metrics", NULL) != 200)
		fail("GET /metrics: %s", api->answer);
	while ((at = strstr(at, "\nhostel_slots_warm"))) {
		at++;
		sum = (sum < 0 ? 0 : sum) + strtod(at + strcspn(at, " \n"), NULL);
	}
	return sum;
}
