/* One sandbox, launched and restarted again and again: how long until it answers through its published port. */
#include "client.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { QUIET_MICROS = 50 * 1000, LOOK_MICROS = 20 * 1000, LOOKS = 250, REPEATS = 200, BACK_OFF = 3, MOST_APPS = 64 };

/* Until as many slots are warm as at the beginning, then a little longer: the kernel takes old namespaces away for 40 ms. */
static void refill(struct api *api, double full)
{
	for (int i = 0; full > 0 && i < LOOKS && api_warm(api) < full; i++)
		pause_micros(LOOK_MICROS);
	pause_micros(QUIET_MICROS);
}

/* The number of warm slots once it has not grown for a second; -1 where the host has none. */
static double fill(struct api *api)
{
	double most = api_warm(api);

	for (int i = 0; most >= 0 && i < 1000000 / LOOK_MICROS; i++) {
		double now = api_warm(api);
		if (now > most) {
			most = now;
			i = 0;
		}
		pause_micros(LOOK_MICROS);
	}
	return most;
}

/* What the client and the API themselves cost, with nothing to launch. */
static void own_costs(struct api *api, const struct process *process)
{
	char life[LIFE_BYTES];

	api_scale(api, process, 1, "60s");
	for (int i = 0; i < REPEATS; i++) {
		long long began = nanos();
		int error = service_ask(process->port, life);
		if (error)
			fail("a running sandbox does not answer: %s", strerror(error));
		series("own: GET on the published port", nanos() - began);
		began = nanos();
		if (api_call(api, "GET", "/healthz", NULL) != 200)
			fail("/healthz: %s", api->answer);
		series("own: GET /healthz", nanos() - began);
		began = nanos();
		api_scale(api, process, 1, "");
		series("own: PATCH, unchanged", nanos() - began);
	}
}

int launches(int api_port, const struct process *process, int warm_up, int rounds)
{
	struct api *api = api_open(api_port);
	char life[LIFE_BYTES];
	double full;
	int lost = 0;

	api_scale(api, process, 0, "60s");
	full = fill(api);
	count("warm slots", (long long)full);
	for (int i = -warm_up; i < rounds; i++) {
		long long began, recorded, answered;
		refill(api, full);
		began = nanos();
		api_scale(api, process, 1, "");
		recorded = nanos();
		lost += service_await(process->port, "", life);
		answered = nanos();
		if (i >= 0) {
			series("launch", answered - began);
			series("launch: PATCH answered", recorded - began);
		}
		api_scale(api, process, 1, "60s");
		began = nanos();
		api_scale(api, process, 0, "60s");
		if (i >= 0)
			series("stop", nanos() - began);
	}
	count("lost", lost);
	own_costs(api, process);
	api_scale(api, process, 0, "60s");
	return 0;
}

/*
 * Each app launched as soon as the one before has answered, then each one's PID 1 killed as soon as the one before answers again;
 * between the bursts as much rest as between launches above.
 */
int bursts(int api_port, int rounds, int apps, char **texts)
{
	static struct burst {
		struct process process;
		char life[LIFE_BYTES];
		int pid;
	} all[MOST_APPS];
	struct api *api = api_open(api_port);
	double full;

	if (apps > MOST_APPS)
		fail("at most %d apps", MOST_APPS);
	for (int i = 0; i < apps; i++) {
		all[i].process = process_of(texts[i]);
		api_scale(api, &all[i].process, 0, "60s");
	}
	full = fill(api);
	for (int round = 0; round < rounds; round++) {
		refill(api, full);
		for (int i = 0; i < apps; i++) {
			long long began = nanos();
			api_scale(api, &all[i].process, 1, "");
			service_await(all[i].process.port, "", all[i].life);
			series("launch in a burst", nanos() - began);
		}
		for (int i = 0; i < apps; i++) {
			api_scale(api, &all[i].process, 1, "60s");
			all[i].pid = api_pid(api, &all[i].process);
		}
		pause_micros(2 * QUIET_MICROS);
		for (int i = 0; i < apps; i++) {
			char life[LIFE_BYTES];
			long long began = nanos();
			if (kill(all[i].pid, SIGKILL))
				fail("cannot kill %d: %s", all[i].pid, strerror(errno));
			service_await(all[i].process.port, all[i].life, life);
			series("restart in a burst", nanos() - began);
		}
		for (int i = 0; i < apps; i++)
			api_scale(api, &all[i].process, 0, "60s");
	}
	return 0;
}

/* A new sandbox has three restarts at once before it backs off, so every fourth kill would wait. */
int restarts(int api_port, const struct process *process, int warm_up, int rounds)
{
	struct api *api = api_open(api_port);
	char life[LIFE_BYTES], former[LIFE_BYTES];
	int lost = 0;

	for (int i = -warm_up; i < rounds; i++) {
		long long began;
		int pid;
		if ((i + warm_up) % BACK_OFF == 0)
			api_scale(api, process, 0, "60s");
		api_scale(api, process, 1, "60s");
		service_await(process->port, "", former);
		pid = api_pid(api, process);
		pause_micros(2 * QUIET_MICROS);
		began = nanos();
		if (kill(pid, SIGKILL))
			fail("cannot kill %d: %s", pid, strerror(errno));
		lost += service_await(process->port, former, life);
		if (i >= 0)
			series("restart", nanos() - began);
	}
	count("lost", lost);
	api_scale(api, process, 0, "60s");
	return 0;
}

int calls(int api_port, const char *path, int rounds, long pause)
{
	struct api *api = api_open(api_port);

	for (int i = 0; i < rounds; i++) {
		long long began = nanos();
		if (api_call(api, "GET", path, NULL) != 200)
			fail("GET %s: %s", path, api->answer);
		series("GET", nanos() - began);
		pause_micros(pause);
	}
	return 0;
}
