package io.hostel.cli;

import picocli.CommandLine.Parameters;

/** A command about one app. */
abstract class AppTarget extends HostCommand {
    @Parameters(
            index = "0",
            paramLabel = "[TENANT/]APP",
            converter = AppName.Converter.class,
            description = "the app; where its tenant is left out, HOSTEL_TENANT or the token tells it")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    AppName app;

    @Override
    void begin() {
        if (app.tenant().isEmpty()) {
            app = app.of(ownTenant());
        }
    }
}
