package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.sys.Errno;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerRoomTest {
    private static final long MIB = 1 << 20;
    private static final long KEPT = 64 * MIB;
    private static final long FLOOR = MIB;

    /** A disk in memory, on which layers grow as far as they are bound. */
    private static final class Disk implements LayerDisk {
        private final long bytes;
        private final long inodes;
        private final Map<String, Layer> layers = new LinkedHashMap<>();
        private final Map<String, Long> tenants = new LinkedHashMap<>();
        private final List<String> forgotten = new ArrayList<>();
        private int reads;
        private Runnable meanwhile = () -> {};

        Disk(long bytes, long inodes) {
            this.bytes = bytes;
            this.inodes = inodes;
        }

        Layer of(String name) {
            return Objects.requireNonNull(layers.get(name));
        }

        private long used() {
            return layers.values().stream().mapToLong(l -> l.used().bytes()).sum();
        }

        private long files() {
            return layers.values().stream().mapToLong(l -> l.used().files()).sum();
        }

        @Override
        public Space space() {
            return new Space(bytes, new Amount(bytes - KEPT - used(), inodes - files()), used(), KEPT);
        }

        @Override
        public List<String> names() {
            return List.copyOf(layers.keySet());
        }

        @Override
        public Layer read(String name) throws SysException {
            reads++;
            Layer layer = layers.get(name);
            if (layer == null) throw new SysException(Errno.ENOENT, "read", name);
            meanwhile.run();
            return layer;
        }

        @Override
        public void give(String name, Amount given, Amount most) {
            Amount used = layers.containsKey(name) ? of(name).used() : new Amount(0, 0);
            layers.put(name, new Layer(name, tenants.getOrDefault(name, 0L), given, used, most));
        }

        @Override
        public void bound(String name, Amount most) throws SysException {
            Layer was = read(name);
            layers.put(name, new Layer(name, was.owner(), was.given(), was.used(), most));
        }

        @Override
        public void forget(String name) {
            forgotten.add(name);
        }

        /** As much as it may. */
        void grow(String name, long most, long files) {
            Layer was = of(name);
            Amount used = new Amount(
                    Math.max(was.used().bytes(), Math.min(was.bound().bytes(), was.used().bytes() + most)),
                    Math.max(was.used().files(), Math.min(was.bound().files(), was.used().files() + files)));
            layers.put(name, new Layer(name, was.owner(), was.given(), used, was.bound()));
        }

        void shrink(String name) {
            Layer was = of(name);
            layers.put(name, new Layer(name, was.owner(), was.given(), new Amount(0, 0), was.bound()));
        }
    }

    private final Disk disk = new Disk(1024 * MIB, 10_000);
    private final LayerRoom room = new LayerRoom(Path.of("/pool"), disk, FLOOR);

    private void layer(String name, long tenant, long mib) throws SysException {
        disk.tenants.put(name, tenant);
        room.owned(name, tenant);
        room.bound(name, new LayerDisk.Amount(mib * MIB, 500));
    }

    private long bound(String name) {
        return disk.of(name).bound().bytes();
    }

    @Test
    void whatFitsIsGivenWholeAndWhatDoesNotIsShared() throws Exception {
        room.look();
        layer("a", 1, 500);
        layer("b", 2, 300);
        room.look();
        assertThat(bound("a")).isEqualTo(500 * MIB);
        assertThat(bound("b")).isEqualTo(300 * MIB);
        layer("c", 3, 300);
        assertThat(bound("c")).as("half of its tenant's half of what was left").isEqualTo(40 * MIB);
        room.look();
        assertThat(bound("a") + bound("b") + bound("c")).isLessThanOrEqualTo(960 * MIB);
        assertThat(bound("c")).isGreaterThan(130 * MIB);
        disk.layers.remove("b");
        room.gone("b");
        for (int i = 0; i < 3; i++) room.look();
        assertThat(bound("a")).isEqualTo(500 * MIB);
        assertThat(bound("c")).isEqualTo(300 * MIB);
    }

    @Test
    void whoComesWithManyLayersLeavesTheNextItsPart() throws Exception {
        room.look();
        for (int i = 0; i < 5; i++) layer("many" + i, 1, 900);
        layer("one", 2, 900);

        assertThat(bound("one")).isGreaterThan(100 * MIB);
    }

    @Test
    void noLookIsWorthWhileWhereNothingChanges() throws Exception {
        layer("a", 1, 500);
        for (int i = 0; i < 5; i++) room.look();
        int before = disk.reads;
        for (int i = 0; i < 5; i++) room.look();
        assertThat(disk.reads).isEqualTo(before);
        disk.grow("a", 2 * MIB, 1);
        room.look();
        assertThat(disk.reads).isGreaterThan(before);
    }

    @Test
    void whatGoesDuringALookIsForgotten() throws Exception {
        layer("a", 1, 500);
        layer("b", 2, 500);
        disk.meanwhile = () -> {
            disk.meanwhile = () -> {};
            disk.layers.remove("a");
            room.gone("a");
        };
        room.look();
        assertThat(room.owned()).containsExactly("b");
        assertThat(disk.forgotten).containsExactly("a");
        for (int i = 0; i < 20; i++) room.look();
        assertThat(disk.forgotten).as("once and for all").hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aTenantsFilesAreBoundedOverItsLayers() throws Exception {
        room.mostFiles(1, 300);
        for (int i = 0; i < 4; i++) layer("a" + i, 1, 10);
        layer("b", 2, 10);
        room.look();
        for (int look = 0; look < 20; look++) {
            for (int i = 0; i < 4; i++) disk.grow("a" + i, 0, 1000);
            room.look();
        }
        long files = 0;
        for (int i = 0; i < 4; i++) files += disk.of("a" + i).used().files();
        assertThat(files).isBetween(250L, 300L);
        assertThat(disk.of("b").bound().files()).isEqualTo(500);
        assertThat(room.promised().files()).containsEntry(1, files);
    }

    /** Layers come, grow and go at random, some looks late: what is kept is taken by floors alone. */
    @Test
    void nobodyGetsPastWhatIsKept() throws Exception {
        Random random = new Random(7);
        room.look();
        List<String> names = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    if (names.size() < 40) {
                        names.add("l" + step);
                        layer("l" + step, 1 + random.nextInt(3), 1 + random.nextInt(600));
                    }
                }
                case 1 -> {
                    if (names.size() > 5) {
                        String name = names.remove(random.nextInt(names.size()));
                        disk.layers.remove(name);
                        room.gone(name);
                    }
                }
                case 2 -> room.look();
                case 3 -> {
                    if (!names.isEmpty()) disk.shrink(names.get(random.nextInt(names.size())));
                }
                default -> {
                    if (!names.isEmpty()) {
                        disk.grow(names.get(random.nextInt(names.size())), random.nextInt(1 << 30), 5);
                    }
                }
            }
            assertThat(disk.used()).as("at step %s", step).isLessThanOrEqualTo(1024 * MIB - KEPT + 40 * FLOOR);
        }
        assertThat(disk.used()).isPositive();
    }
}
