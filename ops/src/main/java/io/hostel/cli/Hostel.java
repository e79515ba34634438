package io.hostel.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of all commands: where the host is, who is asking, and how answers are shown. */
@Command(
        name = "hostel",
        description = "Deploys and looks after web services on a Hostel host.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TenantCommand.class,
            TokenCommand.class,
            LinkCommand.class,
            UnlinkCommand.class,
            DeployCommand.class,
            AppsCommand.class,
            AppCommand.class,
            ReleasesCommand.class,
            RollbackCommand.class,
            ScaleCommand.class,
            RestartCommand.class,
            DeleteCommand.class,
            PsCommand.class,
            WhoamiCommand.class,
            StopCommand.class,
            ExecCommand.class,
            LogsCommand.class,
            EventsCommand.class,
            DoctorCommand.class,
            CapabilitiesCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            HelpCommand.class,
            CompletionCommand.class
        },
        versionProvider = Version.class,
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  HOSTEL_URL     where the host is (http://127.0.0.1:7070)",
            "  HOSTEL_TOKEN   the operator's or a tenant's token (the operator token file, where readable)",
            "  HOSTEL_TENANT  the tenant of an app named without one (the token's own)",
            "",
            "Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 the host can't be reached;",
            "'hostel exec' ends with the command's own code, or 125 where the command could not be run."
        })
public final class Hostel {
    static final int FAILED = 1;
    static final int UNREACHABLE = 3;

    /** How answers are shown. */
    enum Format {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            description = "text or json (default: ${DEFAULT-VALUE})")
    Format output = Format.text;

    @Option(
            names = "--url",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "where the host is, instead of HOSTEL_URL")
    @Nullable
    String url;

    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "shows this help")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "says which version this is")
    boolean version;

    @Option(
            names = "--raw",
            scope = ScopeType.INHERIT,
            description = "on a terminal too, shows what sandboxes and tenants have written as it is: control sequences take effect")
    boolean raw;

    private @Nullable Connection connection;
    private @Nullable PrintWriter shownOut;
    private @Nullable PrintWriter shownErr;

    /** As it is where no terminal is at the other end. */
    PrintWriter out(PrintWriter standard) {
        if (shownOut == null) shownOut = shown(standard, 1);
        return shownOut;
    }

    PrintWriter err(PrintWriter standard) {
        if (shownErr == null) shownErr = shown(standard, 2);
        return shownErr;
    }

    private PrintWriter shown(PrintWriter standard, int descriptor) {
        return raw || !TerminalText.at(descriptor) ? standard : new PrintWriter(new TerminalText(standard), true);
    }

    Connection connection() {
        if (connection == null) {
            connection = new Connection(url != null ? url : variable("HOSTEL_URL", "http://127.0.0.1:7070"), token());
        }
        return connection;
    }

    static String variable(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private static String token() {
        String token = variable("HOSTEL_TOKEN", "");
        Path file = Path.of(variable("HOSTEL_STATE_DIR", "/var/lib/hostel"), "operator.token");
        if (!token.isEmpty() || !Files.isReadable(file)) {
            return token;
        }
        try {
            return Files.readString(file).strip();
        } catch (java.io.IOException e) {
            throw new Trouble(FAILED, "can't read " + file + ": " + e.getMessage());
        }
    }

    public static void main(String[] arguments) {
        int code = run(arguments);
        // With code 0 the process ends by itself: the HTTP client's threads are daemons, and System.exit would wait 300
        // ms for the
        // one of them that sleeps in a system call (VM_Exit::wait_for_threads_in_native_to_block).
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs one command line. @return the exit code */
    static int run(String... arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Hostel hostel = new Hostel();
        CommandLine line = new CommandLine(hostel)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    if (!(e instanceof Trouble trouble)) {
                        throw e;
                    }
                    hostel.err(err).println("Error: " + trouble.getMessage());
                    return trouble.exitCode();
                });
        return line.execute(arguments);
    }
}
