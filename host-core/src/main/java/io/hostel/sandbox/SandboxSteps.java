package io.hostel.sandbox;

import io.hostel.kernel.Kernel;
import io.hostel.resource.Step;
import io.hostel.resource.step.CgroupStep;
import io.hostel.resource.step.LayerStep;
import io.hostel.resource.step.LeaseStep;
import io.hostel.resource.step.NetnsStep;
import io.hostel.resource.step.RecordsStep;
import io.hostel.resource.step.RulesStep;
import io.hostel.resource.step.VethStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The order in which a sandbox is put up; it is taken away from the end. So on the way out the packet filter closes first, then
 * the address's neighbours and connections go, then every process; the layer after those that wrote to it; and last the
 * namespace, which takes the veth along.
 */
public final class SandboxSteps {

    private SandboxSteps() {}

    public static List<Step> of(SandboxPlan plan, Kernel kernel) {
        Path logs = plan.launch().logFile().toAbsolutePath().getParent();
        List<Step> steps = new ArrayList<>();
        steps.add(new RecordsStep(plan.launch().recordDir(), logs == null ? Path.of("/") : logs));
        steps.add(new NetnsStep(kernel.netns(), plan.pin()));
        plan.veth().ifPresent(veth -> steps.add(new VethStep(kernel.links(), kernel.netns(), veth)));
        steps.add(new LayerStep(
                kernel.layers(),
                plan.layerPool(),
                plan.layer(),
                plan.spec().limits().disk(),
                plan.layerOwner()));
        steps.add(new CgroupStep(kernel.cgroups(), plan.cgroup(), plan.limits()));
        plan.lease().ifPresent(lease -> steps.add(new LeaseStep(kernel.links(), lease)));
        plan.rules().ifPresent(rules -> steps.add(new RulesStep(kernel.filter(), rules)));
        return List.copyOf(steps);
    }
}
