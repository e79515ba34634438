package io.hostel.bench;

import java.io.IOException;
import java.nio.file.Files;

/** The host under measurement, with what a measure needs of it. */
final class Host {
    static final String TENANT = "bench";
    static final String WAIT = "300s";

    private final Place place;
    private final Api api;
    private final Client client;
    private Daemon daemon;

    private Host(Place place, Daemon daemon, String token) {
        this.place = place;
        this.daemon = daemon;
        this.api = new Api(place.apiPort(), token);
        this.client = new Client(place, token);
    }

    /** A host with one tenant. */
    static Host start(Place place) throws IOException, InterruptedException {
        Daemon daemon = Daemon.start(place);
        String token =
                Files.readString(place.stateDir().resolve("operator.token")).strip();
        Host host = new Host(place, daemon, token);
        host.api.makeTenant(TENANT);
        return host;
    }

    /** Another daemon in place of one that has ended. */
    Daemon startAgain() throws IOException {
        daemon = Daemon.start(place);
        return daemon;
    }

    App deploy(String tenant, String name, Shape shape, String wait) throws IOException, InterruptedException {
        String digest = api.upload(tenant, place.programs().resolve("site.tar"));
        return api.deploy(tenant, name, shape.spec(digest), wait);
    }

    App deploy(String name, Shape shape) throws IOException, InterruptedException {
        return deploy(TENANT, name, shape, WAIT);
    }

    /** What /v1/doctor finds, in words. */
    String doctor() throws IOException, InterruptedException {
        var found = api.get("/v1/doctor");
        return "doctor: leaked " + found.path("leaked").size() + ", missing "
                + found.path("missing").size();
    }

    Api api() {
        return api;
    }

    Client client() {
        return client;
    }

    Daemon daemon() {
        return daemon;
    }
}
