/**
 * A sandbox's steps: one file each, both directions side by side.
 *
 * <p>Their order is in {@code io.hostel.sandbox.SandboxSteps}. Imports the kernel port only.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.resource.step;
