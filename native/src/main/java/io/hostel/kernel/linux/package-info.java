/**
 * The port {@link io.hostel.kernel} on Linux, by system calls and netlink.
 *
 * <p>Start with {@link io.hostel.kernel.linux.LinuxKernel}, which wires one class for each interface of the port. Only
 * {@code io.hostel.host} may import this package, to make that one object. {@link io.hostel.kernel.linux.MachineProbe} says beforehand whether a machine
 * will do. Everything else is for the package's own use: {@link io.hostel.sys} is refused by {@code SysException}, and
 * {@link io.hostel.kernel.linux.Refused} makes a {@code KernelException} of it.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.kernel.linux;
