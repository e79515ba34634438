/**
 * Tenants, their apps and releases as actors, and {@link io.hostel.api.TenantOperations} by asking them.
 *
 * <p>Start with {@link io.hostel.tenant.TenantDirectory}: it owns a {@link io.hostel.tenant.TenantActor} per tenant, that an
 * {@link io.hostel.tenant.AppActor} per app, and that a supervisor per sandbox. What they decide by is pure and beside them:
 * {@link io.hostel.tenant.Claims} for the quota, {@link io.hostel.tenant.Placement} for what to start and what to reap,
 * {@link io.hostel.tenant.Rollout} for when a release is live. Every change is on the disk before it is acted on or answered.
 * Imports sandbox, network, store and the kernel port; imported by host only.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.tenant;
