/**
 * What must survive everything: desired state in SQL, artifacts and images in content-addressed directories, and the tokens that
 * open the API.
 *
 * <p>Start with {@link io.hostel.store.DesiredState} and {@link io.hostel.store.ArtifactStore}. Imported by tenant and host;
 * imports the published language and the settings.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.store;
