package io.hostel.acceptance.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.acceptance.App;
import io.hostel.acceptance.Host;
import io.hostel.acceptance.Patience;
import io.hostel.acceptance.Program;
import io.hostel.acceptance.Release;
import io.hostel.acceptance.Tar;
import io.hostel.acceptance.Tenant;
import io.hostel.acceptance.TestProgram;
import io.hostel.acceptance.World;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Eight tenants do all that they can to the host and to everybody on it, all at once, and a stranger in the world helps them. A
 * ninth tenant's service answers every request meanwhile, its deploys go live, the operator is answered, and the host is the same
 * process as before. How long these took is printed beside what is wanted; a run fails on the promises alone.
 *
 * <p>{@code hostel.abuse.seconds} says how long (60 unless said otherwise; {@code ops/test --abuse}: ten minutes), and
 * {@code hostel.abuse.tenants} how many of them there are, for a try.
 */
final class EightTenantsAbuse {
    private static final int SECONDS = Integer.getInteger("hostel.abuse.seconds", 60);
    private static final int ALONE_SECONDS = 10;
    private static final int ATTACKERS = Integer.getInteger("hostel.abuse.tenants", 8);
    /** At the interface, from every tenant. */
    private static final List<String> BY_ALL = List.of("uploads", "headers", "sleepers");
    /** At the interface, each from two of the tenants: their clients share the machine's cores with the host. */
    private static final List<String> BY_TWO = List.of(
            "releases",
            "execs",
            "readers",
            "replays",
            "redeploys",
            "links",
            "artifacts",
            "followers",
            "deletes",
            "scales",
            "bodies");

    /** Of one sandbox of an attacker's: together with what {@code outside.py} deploys they are just within the standard quota. */
    private static final double CPUS = 0.2;

    private static final int ARTIFACTS_MIB = 256;
    private static final int LOGS_MIB = 64;
    private static final int STATE_MIB = 16;
    /** Quotas are of bytes; disks and databases hold whole blocks and pages, and indexes. */
    private static final double SLACK = 1.25;
    /** What the host has in its database whatever tenants do, the write-ahead log and the events included. */
    private static final int HOST_STATE_MIB = 64;
    /** Smaller than the standard, so that attacks get there soon. */
    private static final Map<String, Object> QUOTA =
            Map.of("artifacts", ARTIFACTS_MIB + "MiB", "logs", LOGS_MIB + "MiB", "state", STATE_MIB + "MiB");

    @RegisterExtension
    static final Host HOST = new Host();

    private static final List<Attacker> ATTACKING = new ArrayList<>();

    private static Tenant ninth;
    private static Program server;
    private static String site;
    private static int port;

    @BeforeAll
    static void theNinthAndTheAttackers() throws Exception {
        Probe.build();
        ninth = HOST.tenant("ninth");
        byte[] program = Files.readAllBytes(TestProgram.build("bench/c/server.c"));
        site = ninth.upload(new Tar().file("server", program, 0755).bytes());
        server = Program.of("./server").with("port", 8080);
        App service = ninth.app("service");
        service.deploy(site(server)).live();
        port = URI.create(service.url("web")).getPort();
        for (int i = 0; i < ATTACKERS; i++) {
            Attacker attacker = new Attacker(HOST, "attacker" + i, QUOTA);
            List<String> attacks = new ArrayList<>(BY_ALL);
            for (int j = 0; j < BY_TWO.size(); j++) {
                if ((j - i) % Math.max(1, ATTACKERS / 2) == 0) attacks.add(BY_TWO.get(j));
            }
            ATTACKING.add(attacker);
            attacker.prepare(attacks);
        }
        for (Attacker attacker : ATTACKING) attacker.awaitPrepared();
    }

    private static Release site(Program program) {
        return Release.of("web", program).with("artifact", site);
    }

    @AfterAll
    static void theAttackersGo() {
        ATTACKING.forEach(Attacker::delete);
    }

    /** What every attacker runs inside, by the name of its process. */
    private static Map<String, Program> inside() {
        String host = World.HOST_ADDRESS;
        String service = Integer.toString(port);
        return Map.of(
                "forks", program(1, "forks"),
                "memory", program(1, "memory"),
                "newlines", program(2, "newlines"),
                "disk", program(1, "disk").limits("cpus", CPUS, "disk", "512MiB"),
                "neighbours", program(1, "neighbours", "50"),
                "connections", program(1, "connections", host, service, "5000").limits("cpus", CPUS, "files", 6000),
                "resolver", program(2, "resolver", World.ADDRESS),
                "queues", program(1, "queues"),
                "files", program(1, "files").limits("cpus", CPUS, "files", 30_000));
    }

    private static Program program(int scale, String... arguments) {
        return Attacker.program(scale, arguments).limits("cpus", CPUS);
    }

    private record Measured(Probe.Seen service, Probe.Seen operator, Times deploys, int deploysFailed) {}

    /** How the ninth's service and the operator fare meanwhile, and the ninth's deploys where there are to be any. */
    private static Measured measure(int seconds, boolean deploys, Vitals vitals) throws Exception {
        Probe world = Probe.begin(World.reachable().pid(), World.HOST_ADDRESS, port, "/", "", 20);
        String token = HOST.operator().token();
        int api = URI.create(HOST.operator().base()).getPort();
        Probe operator = Probe.begin(0, "127.0.0.1", api, "/v1/tenants/ninth/apps/service", token, 100);
        List<Double> live = new ArrayList<>();
        int failed = 0;
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            vitals.look();
            if (deploys) {
                long began = System.nanoTime();
                if (deploysOne()) live.add((System.nanoTime() - began) / 1e6);
                else failed++;
            }
            Thread.sleep(1000);
        }
        return new Measured(world.end(), operator.end(), new Times(live), failed);
    }

    private static boolean deploysOne() {
        try {
            var answer = ninth.api()
                    .post(ninth.path() + "/apps/fresh/releases" + Patience.WAIT, site(server).spec());
            boolean live = answer.json().path("status").asText().equals("live");
            if (!live) System.out.println("abuse: a deploy of the ninth: " + answer.status() + " " + answer.text());
            return live;
        } catch (UncheckedIOException e) {
            System.out.println("abuse: a deploy of the ninth: " + e.getCause());
            return false;
        }
    }

    @Test
    void theNinthAndTheOperatorAreServedAndNobodyTakesMoreThanIsHis() throws Exception {
        long pid = HOST.daemon().pid();
        Vitals vitals = new Vitals(HOST);
        Measured alone = measure(ALONE_SECONDS, true, vitals);
        double artifactsBefore = vitals.most(Vitals.ARTIFACTS);
        for (Attacker attacker : ATTACKING) {
            attacker.begin(inside(), 2 * SECONDS + 60);
        }
        Spoofer spoofer = Spoofer.begin(World.reachable().pid(), World.HOST_ADDRESS, port);
        Measured attacked = measure(SECONDS, true, vitals);
        Map<String, Long> did = new TreeMap<>();
        did.put("syns", spoofer.end());
        Map<String, Map<String, Integer>> answers = new TreeMap<>();
        for (Attacker attacker : ATTACKING) {
            attacker.endOutside().forEach((attack, counts) -> counts.forEach(
                    (answer, count) -> answers.computeIfAbsent(attack, key -> new TreeMap<>())
                            .merge(answer, count, Integer::sum)));
        }
        if (HOST.daemon().isAlive()) {
            ATTACKING.forEach(attacker -> attacker.did().forEach((name, count) -> did.merge(name, count, Long::sum)));
        }
        report(alone, attacked, did, answers, vitals);

        SoftAssertions promises = new SoftAssertions();
        promises.assertThat(HOST.daemon().isAlive()).as("the host lives").isTrue();
        promises.assertThat(HOST.daemon().pid()).as("the host is the same").isEqualTo(pid);
        promises.assertThat(attacked.service().failed())
                .as("requests to the ninth's service that failed: %s", attacked.service().statuses())
                .isZero();
        promises.assertThat(attacked.operator().failed())
                .as("calls of the operator that failed: %s", attacked.operator().statuses())
                .isZero();
        promises.assertThat(attacked.deploysFailed())
                .as("deploys of the ninth that failed, of %d", attacked.deploys().count() + attacked.deploysFailed())
                .isZero();
        promises.assertThat(vitals.most(Vitals.ARTIFACTS) - artifactsBefore)
                .as(Vitals.ARTIFACTS)
                .isLessThanOrEqualTo(ATTACKERS * ARTIFACTS_MIB * SLACK);
        promises.assertThat(vitals.most(Vitals.LOGS))
                .as(Vitals.LOGS)
                .isLessThanOrEqualTo(ATTACKERS * LOGS_MIB * SLACK);
        promises.assertThat(vitals.most(Vitals.DATABASE))
                .as(Vitals.DATABASE)
                .isLessThanOrEqualTo(ATTACKERS * STATE_MIB * SLACK + HOST_STATE_MIB);
        promises.assertThat(answers.keySet()).as("attacks at the interface").containsAll(BY_ALL).containsAll(BY_TWO);
        promises.assertThat(did.values()).as("what each attack did: %s", did).hasSize(inside().size() + 1).allMatch(count -> count > 0);
        promises.assertAll();
    }

    private static void report(
            Measured alone,
            Measured attacked,
            Map<String, Long> did,
            Map<String, Map<String, Integer>> answers,
            Vitals vitals) {
        say("%d attackers for %d s", ATTACKERS, SECONDS);
        say("the ninth's service alone      %s", alone.service().times());
        say("the ninth's service attacked   %s, %d failed; wanted: p99 %.1f ms", attacked.service().times(),
                attacked.service().failed(), 5 * alone.service().times().quantile(0.99));
        say("the operator's GET alone       %s", alone.operator().times());
        say("the operator's GET attacked    %s, answers %s; wanted: p99 250 ms", attacked.operator().times(), attacked.operator().statuses());
        say("a deploy of the ninth alone    %s", alone.deploys());
        say("a deploy of the ninth attacked %s, %d failed; wanted: 4000 ms at most", attacked.deploys(), attacked.deploysFailed());
        vitals.report();
        did.forEach((attack, count) -> say("did %-12s %d", attack, count));
        answers.forEach((attack, counts) -> say("asked %-10s %s", attack, counts));
    }

    private static void say(String form, Object... arguments) {
        System.out.println("abuse: " + String.format(java.util.Locale.ROOT, form, arguments));
    }
}
