package io.hostel.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** A command about a tenant, or about all of them. */
abstract class TenantTarget extends HostCommand {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TENANT",
            description = "whose (default: HOSTEL_TENANT, or the token's own)")
    private @Nullable String whose;

    /** Empty for all, which the operator may ask for. */
    final String tenant() {
        return whose == null ? ownTenant() : whose;
    }
}
