package io.hostel.sandbox;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Kernel;
import io.hostel.resource.Step;
import io.hostel.resource.step.CgroupBoundsStep;
import io.hostel.resource.step.CgroupStep;
import io.hostel.resource.step.FormerGroupStep;
import io.hostel.resource.step.LayerBoundsStep;
import io.hostel.resource.step.LayerOwnerStep;
import io.hostel.resource.step.LayerStep;
import io.hostel.resource.step.LeaseStep;
import io.hostel.resource.step.LogStep;
import io.hostel.resource.step.NetnsStep;
import io.hostel.resource.step.RecordsStep;
import io.hostel.resource.step.RulesStep;
import io.hostel.resource.step.VethStep;
import io.hostel.resource.step.ZygoteStep;
import java.util.ArrayList;
import java.util.List;

/**
 * The order in which a sandbox is put up; it is taken away from the end. So on the way out the packet filter closes first, then
 * the address's neighbours and connections go, then every process; the layer after those that wrote to it; and last the
 * namespace, which takes the veth along.
 */
public final class SandboxSteps {
    /** Until there is a tenant, whose limits replace these: room for the zygote and what it has parked. */
    private static final Cgroups.Limits OF_A_SLOT = new Cgroups.Limits(16 << 20, Cgroups.Limits.ANY_CPUS, 16);

    /** Nobody writes to it but the kernel, for the overlay, which may be mounted before the tenant's bound is set. */
    private static final long LAYER_OF_A_SLOT = 16 << 20;

    private static final int HOST_ROOT = 0;

    private SandboxSteps() {}

    /** All of a sandbox, from nothing. */
    public static List<Step> of(SandboxPlan plan, int nextLaunch, Kernel kernel) {
        List<Step> steps = new ArrayList<>(ahead(plan.slot(), nextLaunch, kernel));
        steps.addAll(owned(plan, kernel));
        steps.addAll(leased(plan, kernel));
        return List.copyOf(steps);
    }

    /** What can be there before there is need of it. */
    public static List<Step> ahead(SlotPlan plan, int nextLaunch, Kernel kernel) {
        List<Step> steps = new ArrayList<>(placed(plan, nextLaunch, kernel));
        steps.addAll(grouped(plan, nextLaunch, kernel));
        return List.copyOf(steps);
    }

    /** What is the same whosesoever it is. */
    static List<Step> placed(SlotPlan plan, int nextLaunch, Kernel kernel) {
        List<Step> steps = new ArrayList<>();
        steps.add(new RecordsStep(plan.records(), plan.recordDir(nextLaunch)));
        steps.add(new NetnsStep(kernel.netns(), plan.pin()));
        plan.veth().ifPresent(veth -> steps.add(new VethStep(kernel.links(), kernel.netns(), veth)));
        steps.add(new LayerStep(kernel.layers(), plan.layerPool(), plan.layer(), LAYER_OF_A_SLOT, HOST_ROOT));
        steps.add(new FormerGroupStep(kernel.cgroups(), plan.formerGroup()));
        return List.copyOf(steps);
    }

    /** What is within its tenant's control group; nothing as long as it is nobody's. */
    static List<Step> grouped(SlotPlan plan, int nextLaunch, Kernel kernel) {
        return plan.cgroup()
                .<List<Step>>map(group -> List.of(
                        new CgroupStep(kernel.cgroups(), group, OF_A_SLOT),
                        new ZygoteStep(kernel.launcher(), plan.ahead(nextLaunch))))
                .orElse(List.of());
    }

    /** What makes a slot one tenant's sandbox, as far as a launch needs it to begin. */
    public static List<Step> owned(SandboxPlan plan, Kernel kernel) {
        List<Step> steps = new ArrayList<>();
        plan.logDirectory().ifPresent(directory -> steps.add(new LogStep(directory)));
        steps.add(new LayerOwnerStep(kernel.layers(), plan.layerPool(), plan.layer(), plan.layerOwner()));
        return List.copyOf(steps);
    }

    /** What has to be there when the command runs: its limits, and a place in the network. */
    public static List<Step> leased(SandboxPlan plan, Kernel kernel) {
        List<Step> steps = new ArrayList<>();
        steps.add(new LayerBoundsStep(
                kernel.layers(),
                plan.layerPool(),
                plan.layer(),
                plan.spec().limits().disk()));
        steps.add(new CgroupBoundsStep(kernel.cgroups(), plan.cgroup(), plan.limits()));
        plan.lease().ifPresent(lease -> steps.add(new LeaseStep(kernel.links(), lease)));
        plan.rules().ifPresent(rules -> steps.add(new RulesStep(kernel.filter(), rules)));
        return List.copyOf(steps);
    }
}
