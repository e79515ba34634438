/*
 * The sandbox's mount tree, made by host root in a mount namespace of the sandbox's own, before the user namespace is entered:
 * that way no mount of it can be changed from inside.
 *
 * The zygote makes a small tmpfs, the staging, its root, with /dev and /sys in it; that takes all of the host's files away, and
 * every init starts from a copy of it. When there is a tenant, its layers come as mounts that are attached nowhere, and the
 * finished root is moved over the staging. So no launch needs pivot_root(2), which looks at every process of the machine, nor
 * a copy of the host's mounts.
 *
 * What can be is a directory of one file system that is mounted in its place, rather than a file system of its own: each costs
 * every control group of the machine some memory, and time when one of them goes.
 *
 * The layers are the tenant's and hostile: after a restart the writable one is as a root inside left it. So every mount point
 * below the new root is opened by a walk that follows no link, and mounts go onto descriptors, never onto paths.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum { PLAIN = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, STRICT = PLAIN | MOUNT_ATTR_NOEXEC };

struct option {
    const char *key, *value;
};

/* A path below the root, whatever it is; -1 with errno. Links on the way are ELOOP, also in the last place. */
static int inside(int root, const char *path, uint64_t flags)
{
    return sys_openat2(root, path, flags | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

/* A directory to mount on, made where it is missing, and what leads to it; then root inside owns it. */
static int mount_point(int root, const char *path, uid_t owner)
{
    int fd = inside(root, path, O_PATH | O_DIRECTORY);
    if (fd >= 0 || errno != ENOENT)
        return must(fd, "mount on", path);
    int at = must(dup(root), "mount on", path);
    for (const char *from = path; *from != '\0';) {
        char name[256];
        size_t n = strcspn(from, "/");
        if (n >= sizeof name)
            die_with(ENAMETOOLONG, "mount on", path);
        memcpy(name, from, n);
        name[n] = '\0';
        from += n + (from[n] == '/');
        if (mkdirat(at, name, 0755) == 0)
            must(fchownat(at, name, owner, owner, AT_SYMLINK_NOFOLLOW), "make", path);
        else if (errno != EEXIST)
            die("make", path);
        int next = must(inside(at, name, O_PATH | O_DIRECTORY), "mount on", path);
        close(at);
        at = next;
    }
    return at;
}

static void attach(int tree, int target, const char *path)
{
    must(sys_move_mount(tree, target), "mount on", path);
    close(tree);
    close(target);
}

/* A file system of its own, not yet mounted anywhere. */
static int made(const char *type, unsigned attributes, const struct option *options)
{
    AUTO_CLOSE int fs = must(sys_fsopen(type), "make", type);
    must(sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", type), "make", type);
    for (; options != NULL && options->key != NULL; options++) {
        unsigned command = options->value != NULL ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
        must(sys_fsconfig(fs, command, options->key, options->value), type, options->key);
    }
    must(sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL), "make", type);
    return must(sys_fsmount(fs, attributes), "make", type);
}

/* A copy of one mount without those below it, itself not mounted yet. */
static int copied(int at, const char *path, uint64_t attributes, int userns)
{
    int tree = must(sys_open_tree(at, path, 0), "show", path);
    must(sys_mount_setattr(tree, attributes, userns), userns < 0 ? "show" : "show ID-mapped", path);
    return tree;
}

/* Over the record directory, which is this sandbox's own and surely there. */
static int stage(const struct plan *plan)
{
    must(mount("staging", plan->records, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=700,size=256k,nr_inodes=256"),
         "mount staging on", plan->records);
    must(chdir(plan->records), "enter", plan->records);
    must(mkdir("root", 0755) | mkdir("nothing.d", 0555), "make", "staging");
    must(mkdir("proc", 0755) | mkdir("dev", 0755) | mkdir("sys", 0755), "make", "staging");
    AUTO_CLOSE int nothing = must(open("nothing", O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444), "make", "staging");
    return must(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), "open", "staging");
}

/* A directory, mounted where it is. */
static int mounted(int root, const char *path, uint64_t attributes)
{
    attach(copied(root, path, attributes, -1), must(inside(root, path, O_PATH | O_DIRECTORY), "mount on", path), path);
    return must(inside(root, path, O_PATH | O_DIRECTORY), "open", path);
}

/* Mounted, not given by descriptor: a detached tree is no lower layer before 6.5. */
static const int *put_layers(const struct plan *plan, const int *trees)
{
    must(mkdir("own/layers/upper", 0755), "make", "own/layers/upper");
    for (unsigned i = 0; i < plan->lower.count; i++) {
        char name[32];
        snprintf(name, sizeof name, "own/layers/%u", i);
        must(mkdir(name, 0755), "make", name);
        attach(*trees++, open(name, O_PATH | O_CLOEXEC), plan->lower.path[i]);
    }
    attach(*trees++, open("own/layers/upper", O_PATH | O_CLOEXEC), plan->layer);
    return trees;
}

/*
 * `volatile`: a tenant's fsync costs nobody else anything, and the layer ends with the boot anyway. The kernel leaves a mark
 * in the work directory and refuses the next mount with it, which is for those who expect the data to survive a crash.
 */
static int overlay(const struct plan *plan)
{
    char options[4096];
    int n = snprintf(options, sizeof options, "upperdir=own/layers/upper/%s,workdir=own/layers/upper/%s,volatile,index=off,metacopy=off,lowerdir=own/layers/0",
                     plan->upper, plan->work);
    for (unsigned i = 1; i < plan->lower.count && n < (int)sizeof options; i++)
        n += snprintf(options + n, sizeof options - (size_t)n, ":own/layers/%u", i);
    static const char *const marks[] = {"volatile/dirty", "volatile"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        char mark[512];
        snprintf(mark, sizeof mark, "own/layers/upper/%s/work/incompat/%s", plan->work, marks[i]);
        if (remove(mark) < 0 && errno != ENOENT)
            die("remove", mark);
    }
    /* What is written to the layer is written with the privileges that mounted it, and ext4 holds this one to no quota. */
    capability(CAP_SYS_RESOURCE, false);
    must(mount("overlay", "root", "overlay", MS_NOSUID | MS_NODEV, options), "mount overlay with", options);
    capability(CAP_SYS_RESOURCE, true);
    return must(open("root", O_PATH | O_DIRECTORY | O_CLOEXEC), "open", "the new root");
}

/* What a root may read or trigger in these concerns the whole machine. Fresh ones, since the mounts go on top. */
static void mask(int root, const char *path, bool directory)
{
    int target = inside(root, path, O_PATH | (directory ? O_DIRECTORY : 0));
    if (target < 0 && errno == ENOENT)
        return; /* this kernel has no such file */
    must(target, "mask", path);
    attach(copied(AT_FDCWD, directory ? "nothing.d" : "nothing", STRICT | MOUNT_ATTR_RDONLY, -1), target, path);
}

static void read_only(int root, const char *path)
{
    int target = inside(root, path, O_PATH);
    if (target < 0 && errno == ENOENT)
        return;
    must(target, "mount on", path);
    attach(copied(root, path, STRICT | MOUNT_ATTR_RDONLY, -1), target, path);
}

static void proc(int root)
{
    /* What programs of ordinary users read stays: stat, meminfo, cpuinfo, loadavg, uptime, vmstat. */
    static const char *const files[] = {"kcore", "keys", "key-users", "timer_list", "sched_debug", "latency_stats", "cmdline",
                                        "interrupts", "softirqs", "kallsyms", "zoneinfo", "diskstats", "crypto", "iomem", "config.gz"};
    static const char *const directories[] = {"acpi", "scsi", "asound"};
    static const char *const fixed[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};
    char path[64];
    attach(made("proc", STRICT, NULL), mount_point(root, "proc", 0), "proc");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "proc/%s", files[i]);
        mask(root, path, false);
    }
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        snprintf(path, sizeof path, "proc/%s", directories[i]);
        mask(root, path, true);
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        snprintf(path, sizeof path, "proc/%s", fixed[i]);
        read_only(root, path);
    }
}

static void make_directories(int at, const char *const *paths)
{
    for (; *paths != NULL; paths++)
        if (mkdirat(at, *paths, 0755) < 0 && errno != EEXIST)
            die("make", *paths);
}

/* Only its nodes and three file systems of its own; root inside does not own it, so nothing can be put there. */
static void dev(int root)
{
    static const struct { const char *name; unsigned major, minor; } nodes[] = {
        {"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
    };
    static const struct { const char *name, *to; } links[] = {
        {"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
        {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
    };
    static const char *const directories[] = {"pts", "shm", "mqueue", NULL};
    AUTO_CLOSE int tree = mounted(root, "dev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        must(mknodat(tree, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), "make", nodes[i].name);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        must(symlinkat(links[i].to, tree, links[i].name), "make", links[i].name);
    make_directories(tree, directories);
}

#define PTS_OPTIONS {"mode", "620"}, {"ptmxmode", "666"}, {"max", "12"}

/* New ones for each init. The bound on devpts keeps the 200 of a tenant from taking all that
 * kernel.pty.max, 4096, leaves beside its reserve of 1024. */
static void dev_inside(int root)
{
    attach(made("devpts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                (const struct option[]){PTS_OPTIONS, {NULL, NULL}}),
           mount_point(root, "dev/pts", 0), "dev/pts");
    attach(copied(root, "own/shm", STRICT, -1), mount_point(root, "dev/shm", 0), "dev/shm");
    attach(made("mqueue", STRICT, NULL), mount_point(root, "dev/mqueue", 0), "dev/mqueue");
}

/* What of /dev depends on whose it is. */
static void own_dev(uid_t owner)
{
    char tty[16];
    snprintf(tty, sizeof tty, "%u", owner + 5);
    const struct option options[] = {PTS_OPTIONS, {"gid", tty}}; /* what is left out would fall back to its default */
    must(chown("dev/shm", owner, owner), "chown", "dev/shm");
    AUTO_CLOSE int pts = must(sys_fspick(AT_FDCWD, "dev/pts"), "own", "dev/pts");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        must(sys_fsconfig(pts, FSCONFIG_SET_STRING, options[i].key, options[i].value), "own", "dev/pts");
    must(sys_fsconfig(pts, FSCONFIG_CMD_RECONFIGURE, NULL, NULL), "own", "dev/pts");
}

/*
 * No sysfs: mounting one takes longer with every sandbox there is, and it tells of the machine's hardware. Instead what
 * run-times read to count processors and memory, from the host's own, and the sandbox's own control groups.
 */
static void sys(int root, const struct plan *plan)
{
    static const char *const shown[] = {"devices/system", "kernel/mm/transparent_hugepage", NULL};
    static const char *const directories[] = {"devices", "devices/system", "kernel", "kernel/mm",
                                              "kernel/mm/transparent_hugepage", "fs", "fs/cgroup", "class", "class/net", NULL};
    AUTO_CLOSE int tree = mounted(root, "sys", STRICT);
    make_directories(tree, directories);
    for (unsigned i = 0; i < plan->view.count; i++) {
        char path[128];
        snprintf(path, sizeof path, "fs/cgroup/%s", plan->view.path[i]);
        if (mkdirat(tree, path, 0755) < 0 && errno != EEXIST)
            die("make", path);
    }
    for (const char *const *at = shown; *at != NULL; at++) {
        char from[128], to[128];
        snprintf(from, sizeof from, "/sys/%s", *at);
        snprintf(to, sizeof to, "sys/%s", *at);
        if (access(from, F_OK) == 0)
            attach(copied(AT_FDCWD, from, STRICT | MOUNT_ATTR_RDONLY, -1), mount_point(root, to, 0), to);
    }
    for (unsigned i = 0; i < plan->view.count; i++) {
        char to[128];
        snprintf(to, sizeof to, "sys/fs/cgroup/%s", plan->view.path[i]);
        attach(copied(AT_FDCWD, plan->cgroup.path[i], STRICT | MOUNT_ATTR_RDONLY, -1),
               must(inside(root, to, O_PATH | O_DIRECTORY), "mount on", to), to);
    }
}

static void write_file(const char *path, const char *text)
{
    AUTO_CLOSE int fd = must(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), "make", path);
    write_all(fd, text, strlen(text));
}

/* A file to mount on; what root inside has put in its place, a link for one, is taken away. -1 where it cannot be. */
static int file_to_mount_on(int root, const char *name)
{
    AUTO_CLOSE int etc = inside(root, "etc", O_RDONLY | O_DIRECTORY);
    if (etc < 0)
        return -1;
    int fd = inside(etc, name, O_PATH);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    unlinkat(etc, name, 0);
    return openat(etc, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}

/* If root inside has filled its disk or turned /etc into something else, it goes without. */
static void show_name(int root, const char *file, const char *name, uid_t owner)
{
    int target = file_to_mount_on(root, name);
    if (target < 0)
        return;
    must(chown(file, owner, owner), "chown", file);
    attach(copied(AT_FDCWD, file, STRICT, -1), target, name);
}

/* The sandbox's own, new with every launch; mounted, since making files in the layer takes ten times as long. */
static void names(int root, uid_t owner)
{
    show_name(root, "own/hostname", "hostname", owner);
    show_name(root, "own/hosts", "hosts", owner);
}

void mounts_base(const struct plan *plan)
{
    umask(0);
    must(unshare(CLONE_NEWNS), "make", "mount namespace");
    /* First of all: nothing that happens here may spread, nor anything of the host come in. */
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make private", "/");
    AUTO_CLOSE int staging = stage(plan);
    dev(staging);
    sys(staging, plan);
    /* pivot_root(2), "pivot_root(".", ".")": the old root lies on the new one, and goes with all that is below it. */
    must(syscall(SYS_pivot_root, ".", "."), "pivot_root to", "staging");
    must(umount2(".", MNT_DETACH), "detach", "the old root");
    must(chdir("/"), "enter", "/");
    umask(022);
}

/* New with every launch, and bounded together: shared memory, /etc/hosts and /etc/hostname, and where the layers are mounted. */
static void own(const struct plan *plan, int root)
{
    char text[512];
    attach(made("tmpfs", STRICT, (const struct option[]){{"mode", "700"}, {"size", "64m"}, {"nr_inodes", "4096"}, {NULL, NULL}}),
           mount_point(root, "own", 0), "own");
    must(mkdir("own/layers", 0700) | mkdir("own/shm", 01777), "make", "own");
    snprintf(text, sizeof text, "%s\n", plan->id);
    write_file("own/hostname", text);
    snprintf(text, sizeof text, "127.0.0.1\tlocalhost\n127.0.1.1\t%s\n" /* no ::1: lo has none */, plan->id);
    write_file("own/hosts", text);
}

void mounts_inside(const struct plan *plan)
{
    umask(0);
    AUTO_CLOSE int staging = must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open", "staging");
    proc(staging);
    own(plan, staging);
    dev_inside(staging);
}

void mounts_gather(const struct plan *plan, struct gifts *gifts)
{
    for (unsigned i = 0; i < plan->lower.count; i++)
        gifts_add(gifts, copied(AT_FDCWD, plan->lower.path[i], STRICT & ~MOUNT_ATTR_NOEXEC | MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY,
                                gifts->fd[1]), plan->lower.path[i]);
    gifts_add(gifts, copied(AT_FDCWD, plan->layer, PLAIN, -1), plan->layer);
    for (unsigned i = 0; i < plan->bind.count; i++)
        gifts_add(gifts, copied(AT_FDCWD, plan->bind.path[i], PLAIN | MOUNT_ATTR_RDONLY, -1), plan->bind.path[i]);
}

void mounts_finish(const struct plan *plan, const int *trees)
{
    static const char *const moved[] = {"proc", "dev", "sys"};
    uid_t owner = (uid_t)plan->uid_base;
    trees = put_layers(plan, trees);
    AUTO_CLOSE int root = overlay(plan);
    for (unsigned i = 0; i < plan->bind.count; i++) {
        const char *path = plan->bind.path[i];
        attach(*trees++, mount_point(root, path + strspn(path, "/"), owner), path);
    }
    own_dev(owner);
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        attach(must(open(moved[i], O_PATH | O_DIRECTORY | O_CLOEXEC), "move", moved[i]), mount_point(root, moved[i], owner), moved[i]);
    names(root, owner);
    /*
     * Below the new root remains the staging. From inside no way leads there: ".." of the root ends at whatever is on top, and
     * a mount is moved or taken away only with a privilege of the host's user namespace.
     */
    must(fchdir(root), "enter", "the new root");
    must(mount(".", "/", NULL, MS_MOVE, NULL), "move", "the new root");
    must(chroot("."), "enter", "the new root");
    must(chdir("/"), "enter", "/");
    umask(022);
}
