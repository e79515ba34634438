package io.hostel.api.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import java.util.Locale;

/**
 * Which names in a Host header (RFC 9110, section 7.2) are this host's. A page whose name was made to lead to this machine, as in
 * DNS rebinding, sends its own name: an address, {@code localhost} and the configured interface can't be anybody else's.
 */
final class HostNames {
    private final String configured;

    /** @param configured the interface that the API listens on, a name or an address */
    HostNames(String configured) {
        this.configured = configured.toLowerCase(Locale.ROOT);
    }

    /** HTTP/1.0 knows requests without the header. */
    boolean areOurs(HttpRequest request) {
        for (HttpHeader header : request.getHeaders()) {
            if (header.is("host") && !isOurs(header.value())) {
                return false;
            }
        }
        return true;
    }

    private boolean isOurs(String value) {
        String name = value.strip().toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
        return name.isEmpty()
                || name.equals("localhost")
                || name.equals(configured)
                || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
                || name.matches("\\[[0-9a-f:.]+]");
    }
}
