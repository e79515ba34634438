/* What the parts of the client share. */
#ifndef CLIENT_H
#define CLIENT_H

enum { ANSWER_BYTES = 1 << 20, LIFE_BYTES = 64 };

/* A kept connection to the host's API on loopback. */
struct api {
	int port, fd;
	char answer[ANSWER_BYTES]; /* the last answer's body, ended by 0 */
};

/* A process of an app: its path below /v1 in the API, and its published port. */
struct process {
	char app[200], process[250];
	int port;
};

_Noreturn void fail(const char *form, ...) __attribute__((format(printf, 1, 2)));
long long nanos(void); /* of CLOCK_MONOTONIC */
void pause_micros(long micros);

struct api *api_open(int port);
/* The status of the answer, which is then in api->answer; ends the program where there is none. body may be NULL. */
int api_call(struct api *api, const char *method, const char *path, const char *body);
/* Sets the scale; wait is a duration, or "" to return once the change is recorded. Ends the program unless it is done. */
void api_scale(struct api *api, const struct process *process, int scale, const char *wait);
/* PID 1's number of the app's first sandbox. */
int api_pid(struct api *api, const struct process *process);
/* The gauge of warm slots at /metrics; -1 where there is none. */
double api_warm(struct api *api);

/* TENANT/APP/PROCESS:PORT */
struct process process_of(const char *text);

/* Asks on a new connection. 0: a 200 came, with the server's word for its life; else an errno, or -1 for another answer. */
int service_ask(int port, char life[LIFE_BYTES]);
/* Asks until somebody answers who is not the former; returns how many attempts timed out (a lost packet, not a refusal). */
int service_await(int port, const char *former, char life[LIFE_BYTES]);
/* Asks on a kept connection, which is made where *fd is -1. */
int service_ask_kept(int port, int *fd);

void series(const char *name, long long taken);
void count(const char *name, long long number);

int launches(int api_port, const struct process *process, int warm_up, int rounds);
int bursts(int api_port, int rounds, int apps, char **processes);
int restarts(int api_port, const struct process *process, int warm_up, int rounds);
int calls(int api_port, const char *path, int rounds, long pause);
int cycles(int api_port, int seconds, int lanes, char **processes);
int load(int lanes, char **ports);

#endif
