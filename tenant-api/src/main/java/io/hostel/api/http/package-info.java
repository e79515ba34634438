/**
 * The REST API: akka-http in front of {@link io.hostel.api.TenantOperations}.
 *
 * <p>Start with {@link io.hostel.api.http.HttpApi}, where a request's way through authentication, authorisation, idempotency
 * and its handler can be read; the calls themselves are in the {@code …Routes}. Sees no actors. Imported by the host's wiring;
 * {@link io.hostel.api.http.SpecJson} also by what keeps specs.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.api.http;
