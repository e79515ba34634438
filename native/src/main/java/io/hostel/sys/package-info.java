/**
 * System calls, and the only place where jnr-ffi is used: libc's functions and raw syscalls in small files by topic.
 *
 * <p>{@code io.hostel.netlink} and {@code io.hostel.kernel.linux} may import this package; it imports nothing of Hostel. It
 * decides nothing: a call does what the manual page of the same name says, and a refusal is a
 * {@link io.hostel.sys.SysException} with the errno. Every descriptor is opened close-on-exec. Structures that pass through
 * are little-endian, as x86_64 and aarch64 are.
 *
 * <p>Start with {@link io.hostel.sys.Fd}, {@link io.hostel.sys.Descriptors} and {@link io.hostel.sys.Syscall}.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.sys;
