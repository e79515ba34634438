package io.hostel.api;

import java.util.List;

/**
 * What the kernel holds against what the records say; all lists are empty on a healthy host.
 *
 * @param leaked ours by name, and nobody's by the records
 * @param missing recorded, and not there
 * @param going on their way out by themselves
 * @param repaired put right since the start
 * @param stuck calls that the kernel has not returned from for long, each with where it is
 * @param scarce what the machine has hardly any more of
 * @param exposed files of the host's whose owner or mode lets other users of the machine in, each with what mends it
 */
public record DoctorView(
        List<Finding> leaked,
        List<Finding> missing,
        int going,
        long repaired,
        List<Finding> stuck,
        List<Finding> scarce,
        List<Finding> exposed) {
    public DoctorView {
        leaked = List.copyOf(leaked);
        missing = List.copyOf(missing);
        stuck = List.copyOf(stuck);
        scarce = List.copyOf(scarce);
        exposed = List.copyOf(exposed);
    }

    /** Nothing is scarce, and nothing exposed. */
    public DoctorView(List<Finding> leaked, List<Finding> missing, int going, long repaired, List<Finding> stuck) {
        this(leaked, missing, going, repaired, stuck, List.of(), List.of());
    }

    /** @param kind e.g. {@code link}, {@code cgroup}, {@code netns}, {@code layer}, {@code element}, {@code process}, {@code stuck-call}, {@code layers}, {@code file} */
    public record Finding(String kind, String name, String detail) {}
}
