/*
 * killat PID N: ends a process with SIGKILL where it is about to change something for the Nth time since this program came.
 *
 * What changes something is told by its system call, see effect(): files, mounts, namespaces, processes, messages to the kernel
 * and to other programs. Waiting, reading, memory and the process's own threads change nothing that outlives it. The call at
 * which the process ends is not made. Several equal calls in a row on one file count once, since what matters of a file that is
 * written in pieces is that it is half written; the sync or the rename that follows is a call of its own. With N = 0 nothing
 * is ended. Children are not followed: they are not the process.
 *
 * Writes "armed" once every thread is watched, then a line for each effect, "NUMBER CALL WHAT", and at last "killed"; "left"
 * where standard input ended before, and the process goes on; "gone" where the process ended by itself. See ptrace(2).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

static pid_t target;
static char errors[4096]; /* where the process's log goes */

static void look(const void *address, void *into, size_t size)
{
	struct iovec mine = { into, size }, theirs = { (void *)(size_t)address, size };

	memset(into, 0, size);
	if (process_vm_readv(target, &mine, 1, &theirs, 1, 0) < 0)
		errno = 0; /* zeros, then */
}

/* A text ends before the next page, which need not be there, or is cut. */
static void text(unsigned long address, char *into, size_t size)
{
	size_t page = 4096 - address % 4096;

	look((const void *)address, into, page < size ? page : size);
	into[size - 1] = 0;
	if (page < size)
		into[page] = 0;
}

static void file(unsigned long fd, char *into, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/%d/fd/%d", target, (int)fd);
	length = readlink(link, into, size - 1);
	into[length < 0 ? 0 : length] = 0;
}

/* Is it more than the process talking to itself, or saying what it does? */
static int lasting(const char *name)
{
	return *name && strncmp(name, "pipe:", 5) && strncmp(name, "anon_inode:", 11) && strncmp(name, "/dev/", 5) &&
	       strncmp(name, "/proc/self/", 11) && strcmp(name, errors);
}

/* A probe of a service changes nothing; a message to the launcher does. */
static int local(unsigned long address)
{
	sa_family_t family;

	look((const void *)address, &family, sizeof family);
	return family == AF_UNIX || family == AF_NETLINK;
}

static int forks(unsigned long flags)
{
	return !(flags & CLONE_THREAD);
}

/* Is the call that is about to be made one that changes something? Says in "what" where. */
static int effect(unsigned long call, const unsigned long *argument, char *what, size_t size)
{
	unsigned long flags;

	*what = 0;
	switch (call) {
	case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: case SYS_pwritev2: case SYS_sendfile:
	case SYS_ftruncate: case SYS_fallocate: case SYS_fsync: case SYS_fdatasync: case SYS_syncfs:
	case SYS_fchmod: case SYS_fchown: case SYS_fsetxattr:
		file(argument[0], what, size);
		return lasting(what);
	case SYS_copy_file_range:
		file(argument[2], what, size);
		return lasting(what);
	case SYS_ioctl:
		file(argument[0], what, size);
		return (argument[1] >> 8 & 0xff) != 'T'; /* of terminals, and FIONREAD */
	case SYS_sendto: case SYS_sendmsg: case SYS_sendmmsg: case SYS_listen:
		file(argument[0], what, size);
		return 1;
	case SYS_connect: case SYS_bind:
		file(argument[0], what, size);
		return local(argument[1]);
	case SYS_open:
		text(argument[0], what, size);
		return argument[1] & (O_CREAT | O_TRUNC) && lasting(what);
	case SYS_openat:
		text(argument[1], what, size);
		return argument[2] & (O_CREAT | O_TRUNC) && lasting(what);
	case SYS_rename: case SYS_link: case SYS_symlink: case SYS_unlink: case SYS_mkdir: case SYS_rmdir: case SYS_mknod:
	case SYS_chmod: case SYS_chown: case SYS_lchown: case SYS_truncate: case SYS_setxattr: case SYS_umount2: case SYS_utime:
		text(argument[0], what, size);
		return 1;
	case SYS_renameat: case SYS_renameat2: case SYS_linkat: case SYS_unlinkat: case SYS_mkdirat: case SYS_mknodat:
	case SYS_fchmodat: case SYS_fchownat: case SYS_utimensat: case SYS_symlinkat: case SYS_mount:
		text(argument[1], what, size);
		return 1;
	case SYS_open_tree: case SYS_move_mount: case SYS_fsopen: case SYS_fsconfig: case SYS_fsmount: case SYS_mount_setattr:
	case SYS_pivot_root: case SYS_setns: case SYS_unshare: case SYS_kill: case SYS_pidfd_send_signal: case SYS_fork:
	case SYS_vfork:
		return 1;
	case SYS_clone:
		return forks(argument[0]);
	case SYS_clone3:
		look((const void *)argument[0], &flags, sizeof flags); /* the first member of struct clone_args */
		return forks(flags);
	default:
		return 0;
	}
}

/* Until there is no thread that is not watched: each may start another meanwhile. */
static int watch(void)
{
	char path[64];
	int found;

	snprintf(path, sizeof path, "/proc/%d/task", target);
	do {
		DIR *tasks = opendir(path);
		struct dirent *task;

		if (!tasks)
			return -1;
		for (found = 0; (task = readdir(tasks));) {
			pid_t tid = atoi(task->d_name);

			if (tid && !ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)) {
				ptrace(PTRACE_INTERRUPT, tid, 0, 0);
				found++;
			}
		}
		closedir(tasks);
	} while (found);
	return 0;
}

/* struct ptrace_syscall_info of linux/ptrace.h, which does not go with sys/ptrace.h */
struct call {
	unsigned char op;
	unsigned int arch __attribute__((aligned(4)));
	unsigned long ip, sp, number, arguments[6];
};
enum { ENTRY = 1 };

/* The thread is about to make a call, or has made it. Is this where the process ends? */
static int ends_here(pid_t tid, long wanted)
{
	static char last[512];
	static unsigned long last_call = ~0UL;
	static long count;
	struct call call;
	char what[sizeof last];

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof call, &call) <= 0 || call.op != ENTRY ||
	    !effect(call.number, call.arguments, what, sizeof what))
		return 0;
	if (call.number == last_call && !strcmp(what, last))
		return 0;
	last_call = call.number;
	strcpy(last, what);
	if (++count == wanted)
		kill(target, SIGKILL);
	printf("%ld %lu %s\n", count, call.number, what);
	return count == wanted;
}

/* Ends when standard input does: waitpid(2) can wait for that. */
static pid_t reader(void)
{
	pid_t child = fork();
	char byte;

	if (child)
		return child;
	while (read(0, &byte, 1) > 0)
		;
	_exit(0);
}

int main(int arguments, char **argument)
{
	const char *outcome = "gone";
	int status, stopped;
	pid_t input, tid;

	if (arguments != 3) {
		fprintf(stderr, "usage: killat PID N\n");
		return 64;
	}
	target = atoi(argument[1]);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	input = reader();
	if (watch()) {
		fprintf(stderr, "killat: there is no process %s\n", argument[1]);
		kill(input, SIGKILL);
		return 1;
	}
	file(2, errors, sizeof errors);
	puts("armed");
	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (tid == input) {
			outcome = "left"; /* the threads go on when this program has ended */
			break;
		}
		if (!WIFSTOPPED(status))
			continue;
		stopped = WSTOPSIG(status);
		if (stopped == SYSCALL_STOP && ends_here(tid, atol(argument[2]))) {
			outcome = "killed";
			break;
		}
		/* Stops of ptrace's own are no signals. */
		ptrace(PTRACE_SYSCALL, tid, 0, stopped == SYSCALL_STOP || status >> 16 ? 0 : stopped);
	}
	kill(input, SIGKILL);
	puts(outcome);
	return 0;
}
