/**
 * The command line of operators and tenants: a pure HTTP client, quick to start.
 *
 * <p>Start with {@link io.hostel.cli.Hostel}. Nobody imports it; it imports none of the host's code, and nothing else that is
 * slow to load: picocli, Jackson's trees and java.net.http only (HOCON where a spec file asks for it).
 */
@org.jspecify.annotations.NullMarked
package io.hostel.cli;
