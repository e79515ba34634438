package io.hostel.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A client beyond the machine: a network namespace of its own, linked to the host's by a veth pair. */
final class WorldClient implements AutoCloseable {
    private static final String LINK = "hsbench-up";
    private static final String HERE = "10.125.0.1";

    private final Process holder;

    private WorldClient(Process holder) {
        this.holder = holder;
    }

    static WorldClient link() throws IOException, InterruptedException {
        WorldClient client = new WorldClient(Program.start(List.of("unshare", "--net", "cat")));
        String namespace = Long.toString(client.holder.pid());
        // The namespace is another one as soon as unshare(1) has become cat(1), which ends with us.
        while (!Program.run("cat", "/proc/" + namespace + "/comm").strip().equals("cat")) {
            Thread.onSpinWait();
        }
        Program.run("ip", "link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        Program.run("ip", "address", "add", HERE + "/24", "dev", LINK);
        Program.run("ip", "link", "set", LINK, "up");
        Program.run(client.inside("ip", "address", "add", "10.125.0.2/24", "dev", "eth0"));
        Program.run(client.inside("ip", "link", "set", "eth0", "up"));
        return client;
    }

    /** The machine's address as this client sees it. */
    String machine() {
        return HERE;
    }

    List<String> inside(String... words) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net"));
        all.addAll(List.of(words));
        return all;
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
