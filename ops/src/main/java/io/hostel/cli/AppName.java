package io.hostel.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An app and whose it is, written {@code TENANT/APP}, or {@code APP} where HOSTEL_TENANT is set. */
record AppName(String tenant, String app) {

    String path() {
        return "/v1/tenants/" + Connection.encode(tenant) + "/apps/" + Connection.encode(app);
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
            if (tenant.isEmpty() || app.isEmpty() || app.indexOf('/') >= 0) {
                throw new TypeConversionException(
                        "'" + text + "' names no app: write TENANT/APP, or set HOSTEL_TENANT and write APP");
            }
            return new AppName(tenant, app);
        }
    }
}
