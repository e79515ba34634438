/**
 * The port to the kernel: what Hostel asks of it, in Hostel's words, as interfaces and values.
 *
 * <p>Start with {@link io.hostel.kernel.Kernel}. {@code .linux} implements it with system calls and netlink; tests have a
 * stateful fake. Every method may block for some milliseconds and belongs on the kernel dispatcher. Every change is
 * idempotent: made twice it equals once, and taking away what is absent succeeds.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.kernel;
