package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the kernel holds that a host may have made or changed, one thing a line, so that before and after can be compared: links,
 * addresses, neighbours, routes and rules of both protocols, the packet filter, legacy iptables, settings of the network, mounts
 * with all their options, control groups in every hierarchy, loop devices, names of network namespaces, processes.
 *
 * <p>Not compared is what the kernel keeps for everybody once anybody has asked for it: its modules (with the settings that come with
 * them), and on control groups v2 which controllers the root passes down, which groups of others may rely on by then.
 */
public final class Machine {
    private static final Pattern COUNTER = Pattern.compile("counter packets \\d+ bytes \\d+");
    /** Of the whole network namespace; what is below {@code /proc/sys} otherwise, no host writes. */
    private static final Path SETTINGS = Path.of("/proc/sys/net");

    private static final String SETTING = "setting ";
    private static final Set<String> CHANGING_SETTINGS =
            Set.of("nf_conntrack_count", "stable_secret", "tcp_fastopen_key");

    private Machine() {}

    /** @param mark occurs in the names of all control groups, in the paths of all files and so in all processes of the host in question */
    public static List<String> state(String mark) {
        List<String> state = new ArrayList<>();
        lines(state, "link ", "ip", "-o", "link", "show");
        lines(state, "address ", "ip", "-o", "addr", "show");
        lines(state, "neighbour ", "ip", "neigh", "show", "nud", "permanent");
        lines(state, "neighbour ", "ip", "neigh", "show", "proxy");
        lines(state, "route ", "ip", "-4", "route", "show", "table", "all");
        lines(state, "route6 ", "ip", "-6", "route", "show", "table", "all");
        // Those to a link's own address come by themselves some time after the link, and the address is compared.
        state.removeIf(line -> line.startsWith("route6 ") && line.contains(" fe80::"));
        lines(state, "rule ", "ip", "-4", "rule");
        lines(state, "rule6 ", "ip", "-6", "rule");
        Shell.run("nft", "list", "ruleset")
                .lines()
                .map(line -> "nft " + COUNTER.matcher(line).replaceAll("counter"))
                .forEach(state::add);
        for (String tables : List.of("ip_tables_names", "ip6_tables_names", "arp_tables_names")) {
            readOrEmpty(Path.of("/proc/net/" + tables)).lines().forEach(table -> state.add(tables + " " + table));
        }
        settings(state);
        read(Path.of("/proc/self/mountinfo"))
                .lines()
                .map(line -> "mount " + line.split(" ", 4)[3])
                .sorted()
                .forEach(state::add);
        cgroups(mark).forEach(group -> state.add("cgroup " + group));
        loops().stream().filter(file -> file.contains(mark)).forEach(file -> state.add("loop " + file));
        names(Path.of("/run/netns")).forEach(name -> state.add("netns " + name));
        processes((LongPredicate) pid -> isOf(pid, mark)).forEach(line -> state.add("process " + line));
        return state;
    }

    /** Sorted, without numbers that count on and states that come by themselves. */
    private static void lines(List<String> state, String kind, String... command) {
        Shell.run(command)
                .lines()
                .map(line -> line.replaceFirst("^\\d+:\\s*", "")
                        .replaceAll(" (valid_lft|preferred_lft|expires|age) \\S+| state \\S+| tentative|[\\\\]", "")
                        .strip())
                .map(line -> kind + line)
                .sorted()
                .forEach(state::add);
    }

    private static void settings(List<String> state) {
        try (Stream<Path> all = Files.walk(SETTINGS)) {
            all.filter(Files::isRegularFile)
                    .filter(file -> !CHANGING_SETTINGS.contains(String.valueOf(file.getFileName())))
                    .map(file -> SETTING + SETTINGS.relativize(file) + " = "
                            + readOrEmpty(file).strip().replaceAll("\\s+", " "))
                    .sorted()
                    .forEach(state::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In a control group of the host's, with its paths in the command line, or in a mount namespace that holds something of it. */
    private static boolean isOf(long pid, String mark) {
        return Stream.of("cmdline", "cgroup", "mountinfo")
                .map(file -> readOrEmpty(Path.of("/proc/" + pid + "/" + file)))
                .anyMatch(text -> text.contains(mark));
    }

    /** @throws AssertionError that names what is there in addition, and what is missing */
    public static void assertAsBefore(String mark, List<String> before) {
        List<String> added = state(mark);
        List<String> missing = new ArrayList<>(before);
        added.forEach(missing::remove);
        before.forEach(added::remove);
        Set<String> settingsBefore = before.stream()
                .filter(line -> line.startsWith(SETTING))
                .map(Machine::name)
                .collect(Collectors.toSet());
        added.removeIf(line -> line.startsWith(SETTING) && !settingsBefore.contains(name(line)));
        assertThat(added).as("left on the machine").isEmpty();
        assertThat(missing).as("gone from the machine").isEmpty();
    }

    private static String name(String setting) {
        return setting.substring(0, setting.indexOf(" = "));
    }

    /**
     * Files that a host has no business with: all of the machine's settings, and the names of what lies where programs keep what is
     * theirs.
     */
    public static List<String> files() {
        List<String> files = new ArrayList<>(Shell.run(
                        "find",
                        "/etc",
                        "/root",
                        "-xdev",
                        "-name",
                        ".?*",
                        "-prune",
                        "-o",
                        "-printf",
                        "%p %y %m %U %s %T@\n")
                .lines()
                .sorted()
                .toList());
        for (String place : List.of("/run", "/var/lib", "/var/log", "/var/cache", "/usr/sbin", "/usr/local")) {
            names(Path.of(place)).forEach(name -> files.add(place + "/" + name));
        }
        return files;
    }

    private static List<String> names(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(directory)) {
            return names.map(name -> String.valueOf(name.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<String> cgroups(String mark) {
        return Shell.run("find", "/sys/fs/cgroup", "-type", "d", "-name", "*" + mark + "*")
                .lines()
                .sorted()
                .toList();
    }

    private static List<String> loops() {
        try (Stream<Path> all = Files.list(Path.of("/sys/block"))) {
            return all.map(device -> device.resolve("loop/backing_file"))
                    .filter(Files::exists)
                    .map(Machine::read)
                    .map(String::strip)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Command lines of processes, by pid, but for this very one. */
    public static List<String> processes(Predicate<String> wanted) {
        return processes((LongPredicate) pid -> true).stream().filter(wanted).toList();
    }

    private static List<String> processes(LongPredicate wanted) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> pid != ProcessHandle.current().pid() && wanted.test(pid))
                .map(pid -> pid + " "
                        + readOrEmpty(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' '))
                .toList();
    }

    /** For the reader of a failure: links, mounts, control groups and the tree of processes. */
    public static String portrait(String mark) {
        return String.join(
                "\n",
                "-- links",
                Shell.outcome(java.util.Map.of(), "ip", "-br", "addr").output(),
                "-- mounts",
                Shell.outcome(java.util.Map.of(), "findmnt", "-rn", "-o", "TARGET,FSTYPE,SOURCE")
                        .output(),
                "-- cgroups",
                String.join("\n", cgroups(mark)),
                "-- processes",
                Shell.outcome(java.util.Map.of(), "ps", "-eo", "pid,ppid,stat,uid,comm,wchan:20", "--forest")
                        .output());
    }

    public static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String readOrEmpty(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // the process has ended meanwhile
        }
    }
}
