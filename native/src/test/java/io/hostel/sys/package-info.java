/** Tests of the system calls against the running kernel; those here need no root. */
@org.jspecify.annotations.NullMarked
package io.hostel.sys;
