package io.hostel.sandbox;

import io.hostel.kernel.Kernel;
import io.hostel.resource.FaultPoint;
import io.hostel.resource.Ledger;
import java.time.Clock;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * What supervisors work with; one for all of them.
 *
 * @param kernelExecutor bounded; all calls that may block run on it
 * @param slots where sandboxes come from
 * @param groups what sandboxes' control groups are in
 * @param monitors looks after all that run
 * @param clock what people are shown
 * @param steady goes by what has passed since the boot, whatever the clock is set to
 * @param jitter a number in [0, 1) each time
 * @param roll where supervisors are found
 * @param faults inert in production
 */
public record SandboxPorts(
        Kernel kernel,
        Executor kernelExecutor,
        Ledger<LedgerEntry> ledger,
        Slots slots,
        TenantGroups groups,
        LaunchBudget budget,
        Prober prober,
        StoppedMonitors monitors,
        Clock clock,
        InstantSource steady,
        DoubleSupplier jitter,
        Phases phases,
        HostLog hostLog,
        Roll roll,
        Proof.After proof,
        FaultPoint faults) {

    /** As a host has them in earnest. */
    public static SandboxPorts of(
            Kernel kernel,
            Executor kernelExecutor,
            Ledger<LedgerEntry> ledger,
            Slots slots,
            TenantGroups groups,
            LaunchBudget budget,
            Prober prober,
            StoppedMonitors monitors,
            InstantSource steady,
            Phases phases,
            Proof.After proof,
            HostLog hostLog) {
        return new SandboxPorts(
                kernel,
                kernelExecutor,
                ledger,
                slots,
                groups,
                budget,
                prober,
                monitors,
                Clock.systemUTC(),
                steady,
                () -> ThreadLocalRandom.current().nextDouble(),
                phases,
                hostLog,
                new Roll(),
                proof,
                FaultPoint.INERT);
    }
}
