package io.hostel.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An app and whose it is, written {@code TENANT/APP}, or {@code APP} where HOSTEL_TENANT is set or the token is a tenant's.
 *
 * @param tenant empty where that is not known before the host is asked
 */
record AppName(String tenant, String app) {

    String path() {
        return "/v1/tenants/" + Connection.encode(tenant) + "/apps/" + Connection.encode(app);
    }

    /** The same app, of that tenant where it has none. */
    AppName of(String own) {
        if (!tenant.isEmpty()) {
            return this;
        }
        if (own.isEmpty()) {
            throw new Trouble(2, "whose app is " + app + "? Write TENANT/" + app + ", or set HOSTEL_TENANT");
        }
        return new AppName(own, app);
    }

    @Override
    public String toString() {
        return tenant + "/" + app;
    }

    static final class Converter implements ITypeConverter<AppName> {
        @Override
        public AppName convert(String text) {
            int slash = text.indexOf('/');
            String tenant = slash < 0 ? Hostel.variable("HOSTEL_TENANT", "") : text.substring(0, slash);
            String app = text.substring(slash + 1);
            if (slash == 0 || app.isEmpty() || app.indexOf('/') >= 0) {
                throw new TypeConversionException("'" + text + "' names no app: write [TENANT/]APP");
            }
            return new AppName(tenant, app);
        }
    }
}
