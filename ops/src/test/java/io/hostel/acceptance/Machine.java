package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the kernel holds that a host may have made, one thing a line, so that before and after can be compared. */
final class Machine {
    private static final Pattern COUNTER = Pattern.compile("counter packets \\d+ bytes \\d+");

    private Machine() {}

    /** @param mark occurs in the names of all control groups and processes of the host in question */
    static List<String> state(String mark) {
        List<String> state = new ArrayList<>();
        Shell.run("ip", "-o", "link")
                .lines()
                .map(line -> "link " + line.split(":", 3)[1].strip())
                .sorted()
                .forEach(state::add);
        Shell.run("ip", "-4", "route", "show", "table", "all")
                .lines()
                .map(line -> "route " + line.strip())
                .sorted()
                .forEach(state::add);
        Shell.run("ip", "rule").lines().map(line -> "rule " + line).forEach(state::add);
        Shell.run("nft", "list", "ruleset")
                .lines()
                .map(line -> "nft " + COUNTER.matcher(line).replaceAll("counter"))
                .forEach(state::add);
        read(Path.of("/proc/self/mounts"))
                .lines()
                .map(line -> "mount " + line.split(" ")[1])
                .sorted()
                .forEach(state::add);
        cgroups(mark).forEach(group -> state.add("cgroup " + group));
        loops().stream().filter(file -> file.contains(mark)).forEach(file -> state.add("loop " + file));
        processes(line -> line.contains(mark)).forEach(line -> state.add("process " + line));
        return state;
    }

    /** @throws AssertionError that names what is there in addition, and what is missing */
    static void assertAsBefore(String mark, List<String> before) {
        List<String> added = state(mark);
        List<String> missing = new ArrayList<>(before);
        added.forEach(missing::remove);
        before.forEach(added::remove);
        assertThat(added).as("left on the machine").isEmpty();
        assertThat(missing).as("gone from the machine").isEmpty();
    }

    static List<String> cgroups(String mark) {
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
    static List<String> processes(Predicate<String> wanted) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .map(process -> process.pid() + " "
                        + readOrEmpty(Path.of("/proc/" + process.pid() + "/cmdline"))
                                .replace('\0', ' '))
                .filter(wanted)
                .toList();
    }

    /** For the reader of a failure: links, mounts, control groups and the tree of processes. */
    static String portrait(String mark) {
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

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readOrEmpty(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // the process has ended meanwhile
        }
    }
}
