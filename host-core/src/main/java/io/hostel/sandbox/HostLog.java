package io.hostel.sandbox;

/** Where the host's own lines about a sandbox go, beside its stdout and stderr. Called on any thread; must not block. */
@FunctionalInterface
public interface HostLog {
    void line(SandboxPlan plan, String text);
}
