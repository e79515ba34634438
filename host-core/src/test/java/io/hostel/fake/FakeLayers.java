package io.hostel.fake;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

public final class FakeLayers implements Layers {
    private final Effects effects;
    private final Map<Path, Layer> layers = new LinkedHashMap<>();

    private record Layer(long bytes, int owner) {
        @Override
        public String toString() {
            return bytes + " bytes of " + owner;
        }
    }

    private final Map<Integer, Long> mostFiles = new LinkedHashMap<>();
    private volatile Promised promised = new Promised(1L << 30, 0, 1L << 30, Map.of());
    private volatile Room room = new Room(1L << 30, 1L << 30);

    FakeLayers(Effects effects) {
        this.effects = effects;
    }

    @Override
    public void open(Path file, Path mountPoint, long bytes, long floorBytes) throws KernelException {
        effects.make("open pool", () -> {});
    }

    @Override
    public void close(Path mountPoint) throws KernelException {
        effects.make("close pool", () -> {});
    }

    @Override
    public synchronized void create(Path mountPoint, String name, long bytes, int owner) throws KernelException {
        effects.make("create layer " + name, () -> layers.put(mountPoint.resolve(name), new Layer(bytes, owner)));
    }

    @Override
    public synchronized void own(Path mountPoint, String name, int owner) throws KernelException {
        Layer there = there(mountPoint, name);
        effects.make("own layer " + name, () -> layers.put(mountPoint.resolve(name), new Layer(there.bytes, owner)));
    }

    @Override
    public synchronized void bound(Path mountPoint, String name, long bytes) throws KernelException {
        Layer there = there(mountPoint, name);
        effects.make("bound layer " + name, () -> layers.put(mountPoint.resolve(name), new Layer(bytes, there.owner)));
    }

    private Layer there(Path mountPoint, String name) throws KernelException {
        Layer layer = layers.get(mountPoint.resolve(name));
        if (layer == null) {
            throw new KernelException("ENOENT", "find", "layer " + name, "");
        }
        return layer;
    }

    @Override
    public synchronized void remove(Path mountPoint, String name) throws KernelException {
        effects.make("remove layer " + name, () -> layers.remove(mountPoint.resolve(name)));
    }

    @Override
    public synchronized boolean present(Path mountPoint, String name) {
        effects.reading("layer");
        return layers.containsKey(mountPoint.resolve(name));
    }

    @Override
    public synchronized List<String> layers(Path mountPoint) {
        effects.reading("layers");
        return layers.keySet().stream()
                .filter(path -> mountPoint.equals(path.getParent()))
                .map(path -> String.valueOf(path.getFileName()))
                .toList();
    }

    @Override
    public Room room(Path mountPoint) throws KernelException {
        effects.reading("room of layers");
        return room;
    }

    public void room(long availableBytes, long bytes) {
        room = new Room(availableBytes, bytes);
    }

    @Override
    public Promised promised(Path mountPoint) {
        return promised;
    }

    public void promised(Promised now) {
        promised = now;
    }

    @Override
    public synchronized Use use(Path mountPoint, String name) throws KernelException {
        effects.reading("use of layer");
        there(mountPoint, name);
        return new Use(16 << 10, OptionalLong.of(2));
    }

    @Override
    public synchronized void mostFiles(Path mountPoint, int owner, long files) {
        mostFiles.put(owner, files);
    }

    /** By owner. */
    public synchronized Map<Integer, Long> mostFiles() {
        return Map.copyOf(mostFiles);
    }

    synchronized boolean has(Path upper) {
        return upper.getParent() != null && layers.containsKey(upper.getParent());
    }

    synchronized List<String> holdings() {
        return layers.entrySet().stream()
                .map(e -> "layer " + e.getKey() + " " + e.getValue())
                .toList();
    }
}
