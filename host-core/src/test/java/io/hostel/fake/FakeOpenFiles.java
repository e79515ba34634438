package io.hostel.fake;

import io.hostel.kernel.OpenFiles;
import io.hostel.kernel.ProcessIdentity;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Processes with open files, which end when they are killed. */
public final class FakeOpenFiles implements OpenFiles {
    private final FakeProcesses processes = new FakeProcesses(new Effects());
    private final Map<ProcessIdentity, Holder> opened = new LinkedHashMap<>();
    private final long most;
    private int counted;

    public FakeOpenFiles(long most) {
        this.most = most;
    }

    /** A process begins and opens files. @return its number */
    public int opens(int uid, long descriptors) {
        ProcessIdentity process = processes.spawn(Optional.empty(), "s" + opened.size(), "", 0, Path.of("/"));
        opened.put(process, new Holder(process, uid, descriptors));
        return process.pid();
    }

    public void end(int pid) {
        opened.keySet().removeIf(process -> process.pid() == pid);
    }

    public FakeProcesses processes() {
        return processes;
    }

    public List<Integer> living() {
        return holding().stream().map(holder -> holder.process().pid()).toList();
    }

    /** How often all were looked at. */
    public int counted() {
        return counted;
    }

    @Override
    public Table table() {
        return new Table(holding().stream().mapToLong(Holder::descriptors).sum(), most);
    }

    @Override
    public List<Holder> holders(int leastUid) {
        counted++;
        return holding().stream().filter(holder -> holder.uid() >= leastUid).toList();
    }

    private List<Holder> holding() {
        return opened.values().stream()
                .filter(holder -> processes.alive(holder.process()))
                .toList();
    }
}
