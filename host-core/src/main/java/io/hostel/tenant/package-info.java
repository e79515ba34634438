/**
 * Tenants, their apps and releases as actors, and {@link io.hostel.api.TenantOperations} by asking them.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.tenant;
