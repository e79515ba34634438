package io.hostel.tenant;

import io.hostel.api.ProcessSpec;

/** Tells which processes have a port of the host. */
final class Published {

    private Published() {}

    static boolean is(ProcessSpec process) {
        return process.expose() == ProcessSpec.Expose.PUBLIC
                && process.port().isPresent()
                && process.network() == ProcessSpec.Network.TENANT;
    }
}
