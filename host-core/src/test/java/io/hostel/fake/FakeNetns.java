package io.hostel.fake;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Netns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A namespace lives while it is pinned or a process is in it. */
public final class FakeNetns implements Netns {
    private final Effects effects;
    private final FakeProcesses processes;
    private final Map<Path, Long> pins = new LinkedHashMap<>();
    private long lastInode = 4_026_531_999L;

    FakeNetns(Effects effects, FakeProcesses processes) {
        this.effects = effects;
        this.processes = processes;
    }

    @Override
    public void prepare(Path directory) throws KernelException {
        effects.make("prepare pins", () -> {});
    }

    @Override
    public void unprepare(Path directory) throws KernelException {
        effects.make("unprepare pins", () -> {});
    }

    @Override
    public synchronized void create(Path pin) throws KernelException {
        effects.make("create netns " + pin.getFileName(), () -> pins.computeIfAbsent(pin, p -> ++lastInode));
    }

    @Override
    public synchronized void remove(Path pin) throws KernelException {
        effects.make("remove netns " + pin.getFileName(), () -> pins.remove(pin));
    }

    @Override
    public synchronized long inode(Path pin) {
        effects.reading("netns inode");
        return pins.getOrDefault(pin, 0L);
    }

    @Override
    public synchronized List<String> pins(Path directory) {
        effects.reading("pins");
        List<String> names = new ArrayList<>();
        pins.keySet().stream()
                .filter(p -> directory.equals(p.getParent()))
                .forEach(p -> names.add(String.valueOf(p.getFileName())));
        return names;
    }

    synchronized boolean lives(long inode) {
        return pins.containsValue(inode) || processes.anyInNetns(inode);
    }

    synchronized List<String> holdings() {
        return pins.keySet().stream().map(p -> "netns " + p.getFileName()).toList();
    }
}
