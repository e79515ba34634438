/**
 * The published language: what tenants and the operator can ask for, the specs they hand in, the views they get back and
 * how they are refused.
 *
 * <p>Start with {@link io.hostel.api.TenantOperations}. Knows nothing of HTTP, actors or the kernel.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.api;
