package io.hostel.host;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import io.hostel.sandbox.HostLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Takes away every kernel object that a host with these settings left, by name alone, so that it works without any record:
 * sandboxes first, then the {@link Ground} that they stood on. Each part is tried whatever became of the others.
 */
final class Clearance {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Kernel kernel;
    private final HostLayout layout;
    private final Ground ground;
    private final List<String> leftovers = new ArrayList<>();
    private int sandboxes;

    Clearance(Kernel kernel, HostLayout layout, Ground ground) {
        this.kernel = kernel;
        this.layout = layout;
        this.ground = ground;
    }

    /**
     * @param sandboxes how many were taken away
     * @param leftovers what could not be taken away, a line each
     */
    record Outcome(int sandboxes, List<String> leftovers) {
        Outcome {
            leftovers = List.copyOf(leftovers);
        }
    }

    Outcome clear() {
        attempt(() -> {
            if (!Files.isDirectory(layout.launches())) {
                return;
            }
            try (Stream<Path> sandboxes = Files.list(layout.launches())) {
                sandboxes.forEach(records -> attempt(() -> kernel.launcher().unready(records)));
            }
        });
        killSandboxes();
        attempt(() -> kernel.cgroups().kill(Cgroups.MONITORS));
        endConnections();
        attempt(() -> {
            for (String pin : kernel.netns().pins(layout.pins())) {
                attempt(() -> kernel.netns().remove(layout.pins().resolve(pin)));
            }
        });
        attempt(() -> {
            for (String layer : kernel.layers().layers(layout.layerPool())) {
                attempt(() -> remove(layer));
            }
        });
        attempt(() -> kernel.hostNetwork().remove(ground.network()));
        clearLinks();
        attempt(() -> kernel.netns().unprepare(layout.pins()));
        attempt(() -> kernel.layers().close(layout.layerPool()));
        attempt(() -> kernel.cgroups().unprepare());
        attempt(this::clearRunDir);
        return new Outcome(sandboxes, leftovers);
    }

    private void killSandboxes() {
        attempt(() -> {
            Cgroups cgroups = kernel.cgroups();
            // From the end: what is in a tenant's group before the group, which has its monitors still.
            List<String> groups = new ArrayList<>(cgroups.groups());
            Collections.reverse(groups);
            sandboxes = (int) groups.stream().filter(Clearance::isSandboxs).count();
            for (String group : groups) {
                attempt(() -> cgroups.killForGood(group));
            }
            for (String group : groups) {
                attempt(() -> {
                    await(() -> cgroups.processes(group).isEmpty());
                    cgroups.remove(group);
                });
            }
        });
    }

    private static boolean isSandboxs(String group) {
        return group.substring(group.indexOf('/') + 1).startsWith(HostLayout.PREFIX);
    }

    private void endConnections() {
        attempt(() -> kernel.links().endConnections(Set.copyOf(kernel.links().neighbours(layout.bridge()))));
    }

    /** One that takes longer is waited for when the pool is closed. */
    private void remove(String layer) throws KernelException {
        try {
            kernel.layers().remove(layout.layerPool(), layer);
        } catch (KernelException e) {
            if (!e.errno().equals("EBUSY")) throw e;
        }
    }

    /** The kernel takes a veth with its namespace, some time later; what outstays that is taken by name. */
    private void clearLinks() {
        attempt(() -> await(
                () -> kernel.links().named(layout.linkPrefix(), layout.bridge()).isEmpty()));
        attempt(() -> kernel.links()
                .detach(kernel.links().named(layout.linkPrefix(), layout.bridge()).stream()
                        .map(link -> new Links.Veth(link, layout.bridge(), layout.pins(), new MacAddress(0)))
                        .toList()));
    }

    private void clearRunDir() throws IOException {
        for (Path place :
                List.of(layout.ledger(), layout.slots(), layout.launches(), layout.pins(), layout.layerPool())) {
            if (Files.exists(place)) {
                try (Stream<Path> tree = Files.walk(place)) {
                    tree.sorted(Comparator.reverseOrder()).forEach(Clearance::delete);
                } catch (UncheckedIOException e) {
                    throw e.getCause();
                }
            }
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Action {
        void run() throws KernelException, IOException;
    }

    private interface Condition {
        boolean holds() throws KernelException;
    }

    private void attempt(Action action) {
        try {
            action.run();
        } catch (KernelException | IOException | RuntimeException e) {
            leftovers.add(e instanceof KernelException ? String.valueOf(e.getMessage()) : e.toString());
        }
    }

    /** Waits for something that the kernel does in its own time; gives up in the end, and what follows tells. */
    private static void await(Condition condition) throws KernelException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds() && System.nanoTime() < end) {
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(5).toNanos());
        }
    }
}
