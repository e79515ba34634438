package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Somebody who does one thing after the other with a service of a host that dies again and again, knows what was acknowledged,
 * and complains where it does not hold.
 */
final class Customer implements Runnable {
    /** Restarts at once; the next ones have to wait. */
    private static final int PROMPT_RESTARTS = 3;

    /** What the service is deployed with, and how many sandboxes of it there are to be. */
    private record State(String says, int scale) {}

    private final Service service;
    private final Random random;
    /** What may be there: more than one where a request was not answered. Nothing: no such tenant or app. */
    private Set<Optional<State>> possible = Set.of(Optional.empty());

    private volatile boolean home;
    private int done;
    private int broken;

    Customer(Service service, long seed) {
        this.service = service;
        this.random = new Random(seed);
    }

    /** Until {@link #goHome}; then what is not known is found out. */
    @Override
    public void run() {
        home = false;
        while (!home || possible.size() > 1) {
            try {
                if (possible.size() > 1) {
                    look();
                } else {
                    doSomething();
                    done++;
                }
            } catch (UncheckedIOException e) {
                broken++;
                pause(50); // no host at the moment
            }
        }
    }

    void goHome() {
        home = true;
    }

    /** How many sandboxes are to run. */
    int expected() {
        return now().map(State::scale).orElse(0);
    }

    private Optional<State> now() {
        assertThat(possible).hasSize(1);
        return possible.iterator().next();
    }

    /** The service answers on its published port, with what it was deployed with. */
    void checkService() {
        now().filter(state -> state.scale() > 0)
                .ifPresent(state -> assertThat(service.says()).isEqualTo(state.says()));
    }

    /** Which of the possible states it has come to. */
    private void look() {
        Answer app = service.host().operator().get(service.app().path());
        Optional<State> found = Optional.empty();
        if (app.status() != 404) {
            app.is(200);
            if (service.statuses().stream()
                    .anyMatch(status -> status.equals("deploying") || status.equals("pending"))) {
                pause(50);
                return;
            }
            if (app.json().path("release").isNumber()) {
                found = Optional.of(state(app.json()));
            }
        }
        assertThat(possible).as("%s: %s", service.tenant(), app.text()).contains(found);
        possible = Set.of(found);
    }

    private State state(JsonNode app) {
        JsonNode release = service.host()
                .operator()
                .get(service.app().path() + "/releases/" + app.path("release").asInt())
                .is(200);
        JsonNode spec = release.has("spec") ? release.path("spec") : release;
        return new State(
                spec.path("env").path("SAYS").asText(),
                app.path("processes").path("web").path("scale").asInt());
    }

    private void doSomething() {
        if (now().isEmpty()) {
            if (!service.exists()) {
                service.createUnlessThere();
            }
            deploy();
            return;
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> deploy();
            case 2, 3, 4 -> scale();
            case 5, 6 -> kill("init");
            case 7 -> kill("monitor");
            case 8 -> replaceOne();
            default -> {
                if (random.nextInt(3) == 0) {
                    delete();
                }
            }
        }
    }

    private void deploy() {
        State next = new State("deploy " + random.nextInt(1_000_000), random.nextInt(3));
        attempt(Optional.of(next), () -> service.deploy(next.says(), next.scale()));
    }

    private void scale() {
        State next = new State(now().orElseThrow().says(), random.nextInt(4));
        attempt(Optional.of(next), () -> service.scale(next.scale()));
    }

    private void delete() {
        attempt(Optional.empty(), () -> {
            service.deleteIfThere();
            return true;
        });
    }

    private interface Request {
        boolean acknowledged();
    }

    private void attempt(Optional<State> next, Request request) {
        Set<Optional<State>> either = new HashSet<>(possible);
        either.add(next);
        possible = either;
        if (request.acknowledged()) {
            possible = Set.of(next);
        }
    }

    private List<JsonNode> fresh() {
        return service.app().sandboxes().stream()
                .filter(one -> one.path("state").asText().equals("running")
                        && one.path("restarts").asInt() < PROMPT_RESTARTS)
                .toList();
    }

    private void kill(String what) {
        List<JsonNode> all = fresh();
        if (all.isEmpty()) {
            return;
        }
        JsonNode one = all.get(random.nextInt(all.size()));
        if (what.equals("init")) {
            Shell.outcome(Map.of(), "kill", "-KILL", one.path("pid").asText());
        } else {
            Shell.outcome(
                    Map.of(),
                    "pkill",
                    "-KILL",
                    "-f",
                    "-x",
                    "hostel-monitor " + one.path("id").asText() + " *");
        }
        pause(random.nextInt(300));
    }

    private void replaceOne() {
        List<JsonNode> all = fresh();
        if (!all.isEmpty()) {
            service.host()
                    .operator()
                    .delete(service.app().path() + "/sandboxes/"
                            + all.get(0).path("id").asText() + Patience.WAIT);
        }
    }

    private static void pause(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public String toString() {
        return service.tenant() + ": " + done + " done, " + broken + " without a host";
    }
}
