package io.hostel.host;

import io.hostel.sandbox.LaunchBudget;
import io.hostel.sandbox.Phases;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** What the host measures of itself, in the Prometheus text format at /metrics. Safe for any thread. */
final class HostMetrics implements Phases, LaunchBudget.Gauges {
    /** From below a plain-C launch to a slow start of a tenant's program. */
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(3),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(200),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, Timer> phases = new ConcurrentHashMap<>();
    private final Map<LaunchBudget.Priority, AtomicInteger> waiting = new EnumMap<>(LaunchBudget.Priority.class);

    HostMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        for (LaunchBudget.Priority priority : LaunchBudget.Priority.values()) {
            AtomicInteger askers = new AtomicInteger();
            waiting.put(priority, askers);
            Gauge.builder("hostel.launches.waiting", askers, AtomicInteger::get)
                    .description("Launches that wait for a permit")
                    .tag("priority", priority.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    /** A number that is looked up whenever somebody asks. */
    void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    @Override
    public void observe(String phase, Duration took) {
        phases.computeIfAbsent(phase, this::timer).record(took);
    }

    private Timer timer(String phase) {
        return Timer.builder("hostel.sandbox.phase")
                .description("Time that one phase of a sandbox's life took")
                .tag("phase", phase)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    @Override
    public void waiting(LaunchBudget.Priority priority, int askers) {
        AtomicInteger gauge = waiting.get(priority);
        if (gauge != null) {
            gauge.set(askers);
        }
    }

    @Override
    public void granted(LaunchBudget.Priority priority, Duration waited) {
        observe("wait_" + priority.name().toLowerCase(Locale.ROOT), waited);
    }

    /** Everything, in the Prometheus text format. */
    String text() {
        return registry.scrape();
    }
}
