/* Several threads at once: sandboxes made and taken away side by side, and load on published ports. */
#include "client.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LANES = 64, WARM_SECONDS = 3, LOAD_PAUSE_MICROS = 2000, FAILURES_TOLD = 5 };

struct lane {
	pthread_t thread;
	int api_port, port, kept;
	struct process process;
	long long *taken;
	int cycles, room, retries;
	long asked, failed;
};

static atomic_llong counted_from, until;
static atomic_int over, told;

static void *cycle(void *argument)
{
	struct lane *lane = argument;
	struct api *api = api_open(lane->api_port);
	char life[LIFE_BYTES];

	while (nanos() < until) {
		long long began = nanos();
		int error;
		api_scale(api, &lane->process, 1, "60s");
		while ((error = service_ask(lane->process.port, life))) {
			lane->retries++;
			if (nanos() > until + 60000000000LL)
				fail("port %d: %s", lane->process.port, strerror(error));
			pause_micros(1000);
		}
		api_scale(api, &lane->process, 0, "60s");
		if (began >= counted_from && lane->cycles < lane->room)
			lane->taken[lane->cycles++] = nanos() - began;
	}
	return NULL;
}

static void start(struct lane *lane, void *(*work)(void *))
{
	if (pthread_create(&lane->thread, NULL, work, lane))
		fail("no thread");
}

int cycles(int api_port, int seconds, int lanes, char **processes)
{
	static struct lane all[MOST_LANES];
	long long finished, sum = 0, retries = 0;

	if (lanes > MOST_LANES)
		fail("at most %d lanes", MOST_LANES);
	counted_from = nanos() + WARM_SECONDS * 1000000000LL;
	until = counted_from + seconds * 1000000000LL;
	for (int i = 0; i < lanes; i++) {
		all[i] = (struct lane){ .api_port = api_port, .process = process_of(processes[i]), .room = seconds * 2000 };
		if (!(all[i].taken = calloc((size_t)all[i].room, sizeof(long long))))
			fail("no memory");
		start(&all[i], cycle);
	}
	for (int i = 0; i < lanes; i++)
		pthread_join(all[i].thread, NULL);
	finished = nanos();
	for (int i = 0; i < lanes; i++) {
		for (int j = 0; j < all[i].cycles; j++)
			series("cycle", all[i].taken[j]);
		sum += all[i].cycles;
		retries += all[i].retries;
	}
	count("cycles", sum);
	count("retries", retries);
	count("nanos", finished - counted_from);
	return 0;
}

static void *request(void *argument)
{
	struct lane *lane = argument;
	char life[LIFE_BYTES];
	int fd = -1;

	while (!over) {
		long long began = nanos();
		int error = lane->kept ? service_ask_kept(lane->port, &fd) : service_ask(lane->port, life);
		lane->asked++;
		if (error) {
			lane->failed++;
			if (told++ < FAILURES_TOLD)
				fprintf(stderr, "port %d, %s connection: %s after %.1f ms\n", lane->port, lane->kept ? "kept" : "new",
					error < 0 ? "not a 200" : strerror(error), (double)(nanos() - began) / 1e6);
		}
		pause_micros(LOAD_PAUSE_MICROS);
	}
	return NULL;
}

/* Until the end of the standard input; two lanes for each port, one on new connections, one on a kept one. */
int load(int ports, char **texts)
{
	static struct lane all[2 * MOST_LANES];
	long long asked = 0, failed = 0;
	char byte;

	if (ports > MOST_LANES)
		fail("at most %d ports", MOST_LANES);
	for (int i = 0; i < 2 * ports; i++) {
		all[i] = (struct lane){ .port = atoi(texts[i / 2]), .kept = i % 2 };
		start(&all[i], request);
	}
	while (read(0, &byte, 1) > 0)
		;
	over = 1;
	for (int i = 0; i < 2 * ports; i++) {
		pthread_join(all[i].thread, NULL);
		asked += all[i].asked;
		failed += all[i].failed;
	}
	count("asked", asked);
	count("failed", failed);
	return 0;
}
