/**
 * Reversible changes to the machine and the record of them.
 *
 * <p>Start with {@link io.hostel.resource.Step}; the steps are in {@code .step}. Imports the kernel port only.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.resource;
