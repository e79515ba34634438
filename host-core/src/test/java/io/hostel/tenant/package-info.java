/** A host without a machine: actors, pools and records are real, what they act upon is in memory. Start with {@link io.hostel.tenant.Town}. */
@org.jspecify.annotations.NullMarked
package io.hostel.tenant;
