package io.hostel.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The host is killed again and again, at any moment, while tenants deploy, scale, go and come, and while PID 1 and monitors of
 * their sandboxes are killed as well. What was acknowledged holds all the time, and at every rest the machine holds exactly what
 * belongs to it.
 *
 * <p>{@code hostel.soak.kills} says how often (12 unless said otherwise; {@code ops/test --crash}: 200), and
 * {@code hostel.soak.seed} what happens.
 */
final class SoakIT {
    private static final int KILLS = Integer.getInteger("hostel.soak.kills", 12);
    private static final long SEED = Long.getLong("hostel.soak.seed", 1);
    private static final int KILLS_BETWEEN_RESTS = 6;
    private static final int TENANTS = 3;

    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.slots.warm=1");

    @Test
    void whatIsAcknowledgedHoldsAndNothingIsLeft() throws Exception {
        Random random = new Random(SEED);
        List<Customer> customers = new ArrayList<>();
        for (int i = 0; i < TENANTS; i++) {
            customers.add(new Customer(new Service(HOST, "tenant" + i), random.nextLong()));
        }
        ExecutorService threads = Executors.newFixedThreadPool(TENANTS);
        try {
            int kills = 0;
            while (kills < KILLS) {
                List<Future<?>> at = new ArrayList<>();
                customers.forEach(customer -> at.add(threads.submit(customer)));
                for (int i = 0; i < KILLS_BETWEEN_RESTS; i++, kills++) {
                    killSometime(random);
                }
                customers.forEach(Customer::goHome);
                for (Future<?> one : at) {
                    one.get(Host.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
                awaitRest(customers);
                System.out.println("soak: " + kills + " kills, "
                        + customers.stream().map(Customer::toString).toList());
            }
        } finally {
            customers.forEach(Customer::goHome);
            threads.shutdownNow();
        }
    }

    /** While it starts, or while it serves; another is started. */
    private static void killSometime(Random random) throws Exception {
        Thread.sleep(random.nextInt(1500));
        HOST.daemon().kill();
        if (random.nextInt(4) == 0) {
            HOST.beginAgain();
            Thread.sleep(random.nextInt(1500));
            HOST.daemon().kill();
        }
        HOST.startAgain();
    }

    private static void awaitRest(List<Customer> customers) {
        Awaitility.await("the host is at rest (seed " + SEED + ")")
                .pollInterval(Duration.ofMillis(200))
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> {
                    Rest.of(
                            HOST,
                            customers.stream().mapToInt(Customer::expected).sum());
                    for (Customer customer : customers) {
                        customer.checkService();
                    }
                });
    }
}
