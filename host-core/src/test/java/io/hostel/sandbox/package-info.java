/** Tests of a sandbox's life, on a machine in memory. Start with {@code Scene}. */
@org.jspecify.annotations.NullMarked
package io.hostel.sandbox;
