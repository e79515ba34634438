/*
 * The client that measures. It is in C since what it measures takes single milliseconds on a machine with few cores: a client on a
 * JVM of its own takes as long for one call of its HTTP client, and compiles itself on the cores that the host needs meanwhile.
 * It polls with a pause of a tenth of a millisecond, which is what a figure may be too large by.
 *
 *   client launches API-PORT TENANT/APP/PROCESS:PORT WARM-UP ROUNDS     PATCH 0→1 to a 200, and what client and API cost by themselves
 *   client bursts API-PORT ROUNDS TENANT/APP/PROCESS:PORT …             the same, of one app right after another's
 *   client restarts API-PORT TENANT/APP/PROCESS:PORT WARM-UP ROUNDS     PID 1 killed to a 200 of its successor
 *   client cycles API-PORT SECONDS TENANT/APP/PROCESS:PORT …            0→1, a request, 1→0 side by side
 *   client calls API-PORT PATH ROUNDS PAUSE-MICROS                      GET of the API
 *   client load PORT …                                                  requests until the end of the input; how many failed
 *
 * HOSTEL_TOKEN opens the API. Prints lines of a tab after a name: "time NAME NANOSECONDS" and "count NAME NUMBER". Exit status 1,
 * with a reason, where something else came than what is measured.
 */
#include "client.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

_Noreturn void fail(const char *form, ...)
{
	va_list arguments;

	va_start(arguments, form);
	fputs("client: ", stderr);
	vfprintf(stderr, form, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

long long nanos(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void pause_micros(long micros)
{
	struct timespec pause = { micros / 1000000, micros % 1000000 * 1000 };

	nanosleep(&pause, NULL);
}

void series(const char *name, long long taken)
{
	printf("time\t%s\t%lld\n", name, taken);
}

void count(const char *name, long long number)
{
	printf("count\t%s\t%lld\n", name, number);
}

struct process process_of(const char *text)
{
	struct process process;
	char tenant[40], app[40], name[40];

	if (sscanf(text, "%39[^/]/%39[^/]/%39[^:]:%d", tenant, app, name, &process.port) != 4)
		fail("not TENANT/APP/PROCESS:PORT: %s", text);
	snprintf(process.app, sizeof process.app, "/v1/tenants/%s/apps/%s", tenant, app);
	snprintf(process.process, sizeof process.process, "%s/processes/%s", process.app, name);
	return process;
}

int main(int length, char **words)
{
	static char written[4 << 20]; /* at the end: whoever reads it must not be woken in between */
	const char *what = length > 1 ? words[1] : "";

	setvbuf(stdout, written, _IOFBF, sizeof written);
	prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0); /* nanoseconds: a pause is as long as it says */
	signal(SIGPIPE, SIG_IGN);
	if (length == 6 && (!strcmp(what, "launches") || !strcmp(what, "restarts"))) {
		struct process process = process_of(words[3]);
		return (*what == 'l' ? launches : restarts)(atoi(words[2]), &process, atoi(words[4]), atoi(words[5]));
	}
	if (length > 4 && !strcmp(what, "bursts"))
		return bursts(atoi(words[2]), atoi(words[3]), length - 4, words + 4);
	if (length > 4 && !strcmp(what, "cycles"))
		return cycles(atoi(words[2]), atoi(words[3]), length - 4, words + 4);
	if (length == 6 && !strcmp(what, "calls"))
		return calls(atoi(words[2]), words[3], atoi(words[4]), atol(words[5]));
	if (length > 2 && !strcmp(what, "load"))
		return load(length - 2, words + 2);
	fputs("client: see the head of client.c\n", stderr);
	return 2;
}
