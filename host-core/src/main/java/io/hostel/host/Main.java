package io.hostel.host;

import io.hostel.config.ConfigException;
import io.hostel.config.ConfigLoader;
import io.hostel.config.Endpoint;
import io.hostel.config.HostelConfig;
import io.hostel.sys.Self;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's entry point: reads the settings, checks the machine, then serves or clears.
 *
 * <p>Exit status: 0 after SIGTERM, SIGINT, a complete {@code --reap} or {@code --directories}; 64 for a wrong command line; 78 where the configuration
 * or the machine will not do, or something could not be taken away; 1 for a fault of the host's own. See sysexits.h.
 */
public final class Main {
    private static final int EX_USAGE = 64;
    private static final int EX_CONFIG = 78;

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] args) {
        int status;
        try {
            status = run(Arguments.parse(args));
        } catch (Arguments.BadUsage e) {
            System.err.println("hostd: " + e.getMessage());
            System.err.println(Arguments.USAGE);
            status = EX_USAGE;
        } catch (ConfigException e) {
            e.problems().forEach(line -> System.err.println("hostd: " + line));
            status = EX_CONFIG;
        } catch (CannotStart e) {
            e.problems().forEach(line -> System.err.println("hostd: " + line));
            status = EX_CONFIG;
        } catch (Exception | Error e) {
            LOG.error("The host failed", e);
            status = 1;
        }
        System.exit(status);
    }

    private static int run(Arguments arguments) throws Exception {
        Self.makeFilesForOwner();
        Self.hideMemory();
        Map<String, String> overrides = new HashMap<>(ConfigLoader.overrides(System.getProperties()));
        overrides.putAll(arguments.overrides());
        HostelConfig config = ConfigLoader.load(arguments.configFile(), overrides);
        if (arguments.directories()) {
            System.out.println(config.stateDir());
            System.out.println(config.runDir());
            System.out.println(config.logDir());
            return 0;
        }
        try (ServiceNotices notices =
                ServiceNotices.of(System.getenv(), ProcessHandle.current().pid())) {
            while (true) {
                try (Machine machine = Machine.open(config);
                        HostLock lock = lock(config)) {
                    if (arguments.reap()) {
                        return clear(machine, lock);
                    }
                    // One that an earlier host did not come to; or one that is staged by the host that serves here.
                    if (!TakeOver.ifStaged(config, machine)) {
                        if (!serve(config, machine, notices)) {
                            return 0;
                        }
                        TakeOver.ifStaged(config, machine);
                    }
                }
            }
        }
    }

    private static HostLock lock(HostelConfig config) throws CannotStart {
        try {
            new HostFiles(config).makeRunDir();
            return HostLock.take(config.runDir())
                    .orElseThrow(() -> new CannotStart("another host with these settings is running (" + config.runDir()
                            + "/hostd.lock is held): stop it first, or set another hostel.run-dir"));
        } catch (IOException e) {
            throw new CannotStart("make the host's directories: " + e + ": set hostel.state-dir, hostel.run-dir and"
                    + " hostel.log-dir to where root can write");
        }
    }

    private static int clear(Machine machine, HostLock lock) throws IOException {
        Clearance.Outcome outcome = new Clearance(machine.kernel(), machine.layout(), machine.ground()).clear();
        outcome.leftovers().forEach(line -> System.err.println("hostd: could not take away: " + line));
        System.out.println("hostel reaped sandboxes=" + outcome.sandboxes() + " leftovers="
                + outcome.leftovers().size());
        if (!outcome.leftovers().isEmpty()) {
            return EX_CONFIG;
        }
        lock.remove();
        return 0;
    }

    /** Found out before anything is changed; whoever takes the port between now and later is found out later. */
    private static Optional<String> cannotListen(Endpoint endpoint) {
        try (ServerSocket trial = new ServerSocket()) {
            trial.setReuseAddress(true);
            trial.bind(new InetSocketAddress(endpoint.host(), endpoint.port()));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("listen on " + endpoint.host() + ":" + endpoint.port() + ": " + e.getMessage()
                    + ": set hostel.api.interface and hostel.api.port to what is free");
        }
    }

    /** @return whether another host is to begin */
    private static boolean serve(HostelConfig config, Machine machine, ServiceNotices notices) throws Exception {
        List<String> conflicts = new ArrayList<>(machine.conflicts());
        cannotListen(config.api()).ifPresent(conflicts::add);
        if (!conflicts.isEmpty()) {
            throw new CannotStart(conflicts);
        }
        try (Host host = Host.start(config, machine)) {
            String ready = "ready api=" + host.url() + " sandboxes=" + host.sandboxes() + " adopted=" + host.adopted();
            System.out.println("hostel " + ready);
            System.out.flush();
            notices.ready(ready, host::answers);
            boolean anew = host.awaitStop();
            if (anew) {
                notices.busy("taking over a backup");
            } else {
                notices.stopping();
            }
            return anew;
        }
    }
}
