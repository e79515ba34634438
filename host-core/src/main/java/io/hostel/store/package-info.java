/**
 * What must survive everything: desired state in SQL, artifacts and images in content-addressed directories.
 *
 * <p>Start with {@link io.hostel.store.DesiredState}.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.store;
