package io.hostel.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * All that a host holds on the machine, by kind, looked at from outside and without its records' help: names of links, pins,
 * mounts, layers, control groups, files, addresses in each set of the filter, processes. A name that is held twice is there twice.
 */
final class Footprint {
    private static final Pattern ADDRESS = Pattern.compile("\\b10\\.123\\.\\d+\\.\\d+\\b");
    private static final Pattern SET = Pattern.compile("(?m)^\\t(?:set|map) (\\w+) \\{\\n(.*?)^\\t\\}", Pattern.DOTALL);
    private static final Pattern SLOT_GROUP = Pattern.compile("\"(t-[0-9]+/hs-\\w+)\"");
    private static final String GATEWAY = "10.123.0.1";

    /** Where the first tenant's uids begin, by default. */
    private static final long UID_BASE = 1_000_000;

    private final SortedMap<String, List<String>> kinds = new TreeMap<>();

    private Footprint() {}

    /** What there is. */
    static SortedMap<String, List<String>> of(Host host) {
        Footprint footprint = new Footprint();
        footprint.look(host);
        return footprint.kinds;
    }

    /**
     * What there is to be, on a host that has come to rest.
     *
     * @param sandboxes those that run, as the interface shows them, each with a port that is published
     * @param slots ids of the sandboxes made ahead
     */
    static SortedMap<String, List<String>> expected(Host host, List<JsonNode> sandboxes, List<String> slots) {
        List<String> running =
                sandboxes.stream().map(one -> one.path("id").asText()).sorted().toList();
        List<String> all =
                Stream.concat(running.stream(), slots.stream()).sorted().toList();
        List<String> addresses =
                sandboxes.stream().map(one -> one.path("ip").asText()).sorted().toList();
        Footprint footprint = new Footprint();
        footprint.put("ledger", running.stream().map(id -> id + ".json"));
        footprint.put("slots", slots.stream().map(id -> id + ".json"));
        for (String kind : List.of("pins", "mounts of pins", "layers", "launches")) {
            footprint.put(kind, all.stream());
        }
        List<String> groups = groups(host, running, slots);
        List<String> grouped = groups.stream()
                .filter(group -> group.contains("/hs-"))
                .map(group -> group.replaceFirst(".*/hs-", ""))
                .toList();
        footprint.put("zygotes", grouped.stream());
        footprint.put("monitors", grouped.stream());
        footprint.put("links", all.stream().map(id -> "hs-" + id));
        cgroupRoots(host.bridge()).forEach(root -> footprint.put("control groups " + root, groups.stream()));
        for (String kind : List.of("routes", "neighbours", "set tenant", "set reach", "set egress", "set source")) {
            footprint.put(kind, addresses.stream());
        }
        footprint.put("set self", addresses.stream().flatMap(one -> Stream.of(one, one)));
        footprint.put("set backend", addresses.stream());
        footprint.put(
                "state", Stream.of("artifacts", "hostel.db", "images", layers(host.stateDir()), "operator.token"));
        footprint.put("unfinished artifacts", Stream.empty());
        footprint.put("images", Stream.of("host"));
        footprint.put("temporary files", Stream.empty());
        return footprint.kinds;
    }

    /** A group for each tenant with one for its monitors, and in it those of its sandboxes and of the slots that are its. */
    private static List<String> groups(Host host, List<String> running, List<String> slots) {
        Map<String, String> tenants = new HashMap<>();
        for (JsonNode tenant : host.operator().get("/v1/tenants").is(200).path("items")) {
            long number = (tenant.path("uidBase").asLong() - UID_BASE) / tenant.path("uidCount").asLong() + 1;
            tenants.put(tenant.path("id").asText(), "t-" + number);
        }
        List<String> groups = new ArrayList<>(List.of("monitors"));
        tenants.values().forEach(group -> groups.addAll(List.of(group, group + "/monitors")));
        for (JsonNode one : host.operator().get("/v1/sandboxes").is(200).path("items")) {
            if (running.contains(one.path("id").asText())) {
                groups.add(tenants.get(one.path("tenant").asText()) + "/hs-" + one.path("id").asText());
            }
        }
        for (String slot : slots) {
            // Whose it is, if anybody's, only its record tells.
            Matcher group = SLOT_GROUP.matcher(
                    Machine.readOrEmpty(host.runDir().resolve("slots").resolve(slot + ".json")));
            if (group.find()) {
                groups.add(group.group(1));
            }
        }
        return groups;
    }

    /** Where layers lie in the state: a directory where its disk has project quotas, otherwise a pool in a file. */
    static String layers(Path state) {
        return Files.isDirectory(state.resolve("layers")) ? "layers" : "layers.pool";
    }

    private void look(Host host) {
        Path run = host.runDir();
        put("ledger", names(run.resolve("ledger")));
        put("slots", names(run.resolve("slots")));
        put("pins", names(run.resolve("netns")));
        put("layers", names(run.resolve("layers")).filter(name -> !name.startsWith(".")));
        put("launches", names(run.resolve("launches")));
        String pins = run.resolve("netns") + "/";
        put(
                "mounts of pins",
                Machine.read(Path.of("/proc/self/mounts"))
                        .lines()
                        .map(line -> line.split(" ")[1])
                        .filter(target -> target.startsWith(pins))
                        .map(target -> target.substring(pins.length())));
        put(
                "links",
                Shell.run("ip", "-o", "link")
                        .lines()
                        .map(line -> line.split(":", 3)[1].strip().replaceAll("@.*", ""))
                        .filter(name -> name.startsWith("hs-")));
        for (Path root : cgroupRoots(host.bridge())) {
            put(
                    "control groups " + root,
                    directories(root)
                            .flatMap(name -> Stream.concat(
                                    Stream.of(name),
                                    directories(root.resolve(name)).map(inner -> name + "/" + inner))));
        }
        put("routes", addresses(Shell.run("ip", "-4", "route", "show", "table", "main", "proto", "static")));
        put("neighbours", addresses(Shell.run("ip", "neigh", "show", "nud", "permanent")));
        Matcher sets = SET.matcher(Shell.run("nft", "list", "ruleset"));
        while (sets.find()) {
            String name = String.valueOf(sets.group(1));
            if (List.of("tenant", "reach", "egress", "source", "self", "backend")
                    .contains(name)) {
                put("set " + name, addresses(String.valueOf(sets.group(2))));
            }
        }
        put("state", names(host.stateDir()).filter(name -> !name.startsWith("hostel.db-")));
        put(
                "unfinished artifacts",
                names(host.stateDir().resolve("artifacts")).filter(name -> !name.startsWith("sha256-")));
        put("images", names(host.stateDir().resolve("images")));
        put("temporary files", names(host.daemon().temporary()));
        processes(host);
    }

    /** A zygote or a monitor says whose it is; of the others the host's control groups tell. */
    private void processes(Host host) {
        String tag = tag(host);
        List<String> lines = Machine.processes(line -> true);
        put("zygotes", owners(lines, "hostel-zygote", tag));
        put("monitors", owners(lines, "hostel-monitor", tag));
    }

    private static Stream<String> owners(List<String> lines, String name, String tag) {
        Pattern owner = Pattern.compile("\\d+ " + name + " (" + tag + "\\w+).*");
        return lines.stream().map(owner::matcher).filter(Matcher::matches).map(line -> String.valueOf(line.group(1)));
    }

    /** What this host's ids begin with, as its filter says. */
    private static String tag(Host host) {
        Matcher prefix = Pattern.compile("iifname \"hs-(\\w+)\\*\"")
                .matcher(Shell.run("nft", "list", "table", "bridge", host.bridge()));
        if (!prefix.find()) {
            throw new AssertionError("the host's filter does not name its links");
        }
        return String.valueOf(prefix.group(1));
    }

    private static List<Path> cgroupRoots(String bridge) {
        return Machine.cgroups(bridge).stream()
                .map(Path::of)
                .filter(group -> group.endsWith(bridge))
                .toList();
    }

    private static Stream<String> addresses(String text) {
        return ADDRESS.matcher(text).results().map(found -> found.group()).filter(one -> !one.equals(GATEWAY));
    }

    static Stream<String> names(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> String.valueOf(path.getFileName())).toList().stream();
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> directories(Path directory) {
        return names(directory).filter(name -> Files.isDirectory(directory.resolve(name)));
    }

    private void put(String kind, Stream<String> names) {
        kinds.put(kind, names.sorted().toList());
    }

    /** For people: each kind where the two differ. */
    static String difference(Map<String, List<String>> expected, Map<String, List<String>> found) {
        StringBuilder text = new StringBuilder();
        SortedMap<String, List<String>> all = new TreeMap<>(expected);
        all.putAll(found);
        for (String kind : all.keySet()) {
            List<String> wanted = expected.getOrDefault(kind, List.of());
            List<String> there = found.getOrDefault(kind, List.of());
            if (!wanted.equals(there)) {
                text.append("\n  ")
                        .append(kind)
                        .append(": ")
                        .append(there)
                        .append(" instead of ")
                        .append(wanted);
            }
        }
        return text.toString();
    }
}
