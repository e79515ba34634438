/**
 * One sandbox: its plan, the actor that owns it, when it restarts, and how it is taken away.
 *
 * <p>Start with {@link io.hostel.sandbox.SandboxSupervisor} for the contract, then {@code SandboxLife} for the states and
 * {@code SandboxJobs} for what they have done to the machine. Imports resource and the kernel port; knows nothing of tenants' desired state.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.sandbox;
