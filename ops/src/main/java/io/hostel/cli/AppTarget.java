package io.hostel.cli;

import picocli.CommandLine.Parameters;

/** A command about one app. */
abstract class AppTarget extends HostCommand {
    @Parameters(
            index = "0",
            paramLabel = "[TENANT/]APP",
            converter = AppName.Converter.class,
            description = "the app; HOSTEL_TENANT names the tenant where it is left out")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    AppName app;
}
