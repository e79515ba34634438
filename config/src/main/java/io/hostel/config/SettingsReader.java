package io.hostel.config;

import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Turns settings into the immutable records, with every range and every rule between them. */
final class SettingsReader {
    private static final int LOWEST_UID = 65_536; // below are the machine's own users, 65534 nobody
    /** Room for at least this many tenants must be left above uid-base. */
    private static final int LEAST_TENANTS = 256;

    private static final int HIGHEST_UID_BASE = Integer.MAX_VALUE - LEAST_TENANTS * HostelConfig.UIDS_PER_TENANT;
    private static final int MOST_BLOCKS = 65_536;

    private final Settings settings;
    private final List<Path> resolvConf;

    SettingsReader(Settings settings, List<Path> resolvConf) {
        this.settings = settings;
        this.resolvConf = resolvConf;
    }

    HostelConfig read() {
        HostelConfig config = new HostelConfig(
                settings.text("hostel.state-dir", SettingsReader::directory),
                settings.text("hostel.run-dir", SettingsReader::directory),
                settings.text("hostel.log-dir", SettingsReader::directory),
                endpoint("hostel.api"),
                new CallRates(
                        settings.whole("hostel.api.changes-per-second", 0, 1_000_000),
                        settings.whole("hostel.api.reads-per-second", 0, 1_000_000)),
                endpoint("hostel.ingress"),
                network(),
                settings.whole("hostel.tenants.uid-base", LOWEST_UID, HIGHEST_UID_BASE),
                quota(),
                settings.size("hostel.logs.max-per-sandbox", 64L << 10, 1L << 40),
                settings.size("hostel.logs.max-rate", 0, 1L << 40),
                layers(),
                new DeploysConfig(
                        seconds("hostel.deploys.alive-seconds"), seconds("hostel.deploys.alive-without-port-seconds")),
                settings.whole("hostel.slots.warm", 0, 1024),
                Duration.ofSeconds(settings.whole("hostel.doctor.interval-seconds", 1, 3600)));
        crossCheck(config);
        return config;
    }

    private Duration seconds(String key) {
        return Duration.ofMillis(Math.round(settings.decimal(key, 0, 60) * 1000));
    }

    private Endpoint endpoint(String section) {
        return new Endpoint(
                settings.text(section + ".interface", SettingsReader::hostName),
                settings.whole(section + ".port", 0, 65_535));
    }

    private NetworkConfig network() {
        return new NetworkConfig(
                settings.text("hostel.network.bridge", SettingsReader::bridge),
                settings.text("hostel.network.cidr", SettingsReader::sandboxes),
                settings.whole("hostel.network.tenant-prefix", 9, 30),
                settings.text("hostel.network.published-ports", SettingsReader::ports),
                settings.text("hostel.network.publish-interface", SettingsReader::link),
                settings.list("hostel.network.egress-deny", SettingsReader::block),
                settings.list("hostel.network.egress-ports-deny", SettingsReader::portOrPorts),
                dns(),
                settings.whole("hostel.network.connections-per-sandbox", 16, 1 << 20),
                settings.whole("hostel.network.connections-per-source", 4, 1 << 20),
                settings.flag("hostel.network.forwards-others"));
    }

    private List<Inet4Address> dns() {
        String key = "hostel.network.dns";
        return settings.isText(key, "machine")
                ? Resolvers.of(resolvConf)
                : settings.list(key, SettingsReader::resolver);
    }

    private LayersConfig layers() {
        String section = "hostel.layers.";
        return new LayersConfig(
                settings.size(section + "pool-size", LayersConfig.LEAST_POOL_BYTES, 1L << 50),
                settings.decimal(section + "pool-part", 0.01, 1),
                settings.size(section + "floor", 64 << 10, 1L << 40),
                settings.text(section + "overcommit", SettingsReader::overcommit));
    }

    private static OptionalDouble overcommit(String text) {
        if (text.equals("off")) return OptionalDouble.empty();
        double times = text.matches("[0-9]{1,6}(\\.[0-9]{1,6})?") ? Double.parseDouble(text) : 0;
        if (times < 0.01) {
            throw new IllegalArgumentException("must be off, or how often what there is may be promised, such as 1.5");
        }
        return OptionalDouble.of(times);
    }

    private Quota quota() {
        return Quota.of(field -> {
            String key = "hostel.tenants.quota." + field.key();
            if (field.isBytes()) {
                return settings.size(key, 0, field.most());
            }
            return field.isMillionths()
                    ? Quota.millionths(settings.decimal(key, 0, field.most() / 1e6))
                    : settings.number(key, 0, field.most());
        });
    }

    private void crossCheck(HostelConfig config) {
        NetworkConfig network = config.network();
        int bits = network.tenantPrefix() - network.cidr().prefix();
        settings.check(
                bits >= 1 && 1 << Math.min(bits, 30) <= MOST_BLOCKS,
                "hostel.network.tenant-prefix",
                "hostel.network.cidr",
                "/" + network.tenantPrefix() + " makes no 2.." + MOST_BLOCKS + " blocks of " + network.cidr()
                        + "; take a prefix within /" + (network.cidr().prefix() + 1) + "../"
                        + Math.min(30, network.cidr().prefix() + 16));
        port(network, config.api(), "hostel.api.port");
        port(network, config.ingress(), "hostel.ingress.port");
        settings.check(
                config.api().port() == 0 || !config.api().equals(config.ingress()),
                "hostel.ingress.port",
                "hostel.api.port",
                "is the API's own; take another");
        settings.check(
                network.dns().stream().noneMatch(network.cidr()::contains),
                "hostel.network.dns",
                "hostel.network.cidr",
                "a resolver lies within the sandboxes' own " + network.cidr() + "; take another cidr");
        apart(config.stateDir(), config.runDir(), "hostel.run-dir", "hostel.state-dir");
        apart(config.stateDir(), config.logDir(), "hostel.log-dir", "hostel.state-dir");
        apart(config.runDir(), config.logDir(), "hostel.log-dir", "hostel.run-dir");
    }

    private void port(NetworkConfig network, Endpoint endpoint, String key) {
        PortRange published = network.publishedPorts();
        settings.check(
                endpoint.port() < published.first() || endpoint.port() > published.last(),
                "hostel.network.published-ports",
                key,
                published + " holds " + key + ", " + endpoint.port() + "; keep them apart");
    }

    private void apart(Path one, Path other, String key, String otherKey) {
        settings.check(!one.equals(other), key, otherKey, "is the same directory as " + otherKey + "; take another");
    }

    private static Path directory(String text) {
        // ':' and ',' end an option of overlayfs, '\' escapes there; blanks are escaped in /proc/self/mountinfo.
        if (!text.matches("/[A-Za-z0-9._/@+~-]{1,100}")) {
            throw new IllegalArgumentException(
                    "must be an absolute path of at most 101 letters, digits and ._/@+~-, not \"" + text + "\"");
        }
        Path path = Path.of(text).normalize();
        if (path.getNameCount() == 0) {
            throw new IllegalArgumentException("must be a directory of its own, not /");
        }
        return path;
    }

    private static String hostName(String text) {
        if (!text.matches("[A-Za-z0-9.:-]{1,253}")) {
            throw new IllegalArgumentException("must be an address or host name, e.g. 127.0.0.1 or 0.0.0.0");
        }
        return text;
    }

    private static String bridge(String text) {
        // "all" and "default" are directories of their own below /proc/sys/net/ipv4/conf.
        if (!text.matches("[a-z][a-z0-9-]{0,9}") || text.equals("all") || text.equals("default")) {
            throw new IllegalArgumentException(
                    "must be 1 to 10 of a-z, 0-9 and '-', a letter first, and not all or default");
        }
        return text;
    }

    private static Optional<String> link(String text) {
        if (!text.matches("[!-.0-~]{0,15}")
                || text.equals(".")
                || text.equals("..")) { // dev_valid_name(), net/core/dev.c
            throw new IllegalArgumentException("must be the name of a link, at most 15 characters, or \"\" for all");
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Cidr block(String text) {
        Cidr cidr;
        try {
            cidr = Cidr.parse(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be an IPv4 block such as 10.77.0.0/16", e);
        }
        return cidr;
    }

    private static Cidr sandboxes(String text) {
        Cidr cidr = block(text);
        Inet4Address first = cidr.address(0);
        boolean unicast = !first.isLoopbackAddress()
                && !first.isMulticastAddress()
                && !first.isLinkLocalAddress()
                && !cidr.overlaps(new Cidr(0, 8))
                && !cidr.overlaps(new Cidr(0xf0000000, 4));
        if (!unicast || cidr.prefix() < 8 || cidr.prefix() > 29) {
            throw new IllegalArgumentException(
                    "must be a block of private addresses from /8 to /29, such as 10.77.0.0/16");
        }
        return cidr;
    }

    private static Inet4Address resolver(String text) {
        Inet4Address address = Cidr.parseAddress(text);
        if (address.isLoopbackAddress() || address.isAnyLocalAddress() || address.isMulticastAddress()) {
            throw new IllegalArgumentException("would lead to the sandbox itself; name a resolver that it can reach");
        }
        return address;
    }

    private static PortRange portOrPorts(String text) {
        if (!text.matches("[0-9]{1,5}( ?- ?[0-9]{1,5})?")) {
            throw new IllegalArgumentException("must be a port such as 25 or a range of ports such as 6881-6889");
        }
        return text.contains("-") ? ports(text) : ports(text + "-" + text);
    }

    private static PortRange ports(String text) {
        if (!text.matches("[0-9]{1,5} ?- ?[0-9]{1,5}")) {
            throw new IllegalArgumentException("must be a range of ports such as 20000-29999");
        }
        String[] ends = text.split(" ?- ?", -1);
        return new PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
    }
}
