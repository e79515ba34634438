/** Tests of the port's implementation; those named IT need root and a mount and network namespace of their own. */
@org.jspecify.annotations.NullMarked
package io.hostel.kernel.linux;
