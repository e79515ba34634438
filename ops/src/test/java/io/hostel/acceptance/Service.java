package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** A tenant's web service that says what it was deployed with, in the hands of the operator. */
public record Service(Host host, String tenant) {
    private static final Program PROGRAM =
            Program.of("busybox", "httpd", "-f", "-p", "8080", "-h", "/app").with("port", 8080);

    public App app() {
        return Tenant.byOperator(host, tenant).app("web");
    }

    public boolean exists() {
        return host.operator().get("/v1/tenants/" + tenant).status() != 404;
    }

    public void create() {
        host.operator().post("/v1/tenants", Map.of("id", tenant)).is(201);
    }

    /** A request that was not answered may have made it. */
    public void createUnlessThere() {
        assertThat(host.operator().post("/v1/tenants", Map.of("id", tenant)).status())
                .isIn(201, 409);
    }

    public void deleteIfThere() {
        if (exists()) {
            host.operator().delete("/v1/tenants/" + tenant + Patience.WAIT).succeeded();
        }
    }

    /** So many sandboxes of it run: makes tenant and app where they are not there. */
    public void running(int scale) {
        if (!exists()) {
            create();
        }
        if (host.operator().get(app().path()).status() == 404) {
            assertThat(deploy("the first of " + tenant)).as("live").isTrue();
        }
        assertThat(scale(scale)).as("scaled").isTrue();
        app().running(scale);
    }

    /** So many sandboxes of it run that have never died: who dies often is made to wait. */
    public void fresh(int scale) {
        running(0);
        running(scale);
    }

    /** Uploads and deploys, one sandbox. @return whether it is live */
    public boolean deploy(String says) {
        return deploy(says, 1);
    }

    /** Uploads and deploys. @return whether it is live */
    public boolean deploy(String says, int scale) {
        Answer artifact = host.operator()
                .upload(
                        "/v1/tenants/" + tenant + "/artifacts",
                        "application/x-tar",
                        new Tar().file("index.html", says).bytes());
        if (artifact.status() != 201) {
            return false;
        }
        Release release = Release.of("web", PROGRAM.scale(scale))
                .with("env", Map.of("SAYS", says))
                .with("artifact", artifact.json().path("digest").asText());
        Answer answer = host.operator().post(app().path() + "/releases" + Patience.WAIT, release.spec());
        return answer.status() == 201 && answer.json().path("status").asText().equals("live");
    }

    /** @return whether so many run */
    public boolean scale(int scale) {
        Answer answer = host.operator().patch(app().path() + "/processes/web" + Patience.WAIT, Map.of("scale", scale));
        return answer.status() == 200;
    }

    /** What it was deployed with, as its published port says. */
    public String says() {
        return Shell.curl(app().url("web"));
    }

    /** Of its releases, the first one first. */
    public List<String> statuses() {
        return StreamSupport.stream(
                        host.operator()
                                .get(app().path() + "/releases")
                                .is(200)
                                .path("items")
                                .spliterator(),
                        false)
                .map(release -> release.path("status").asText())
                .toList();
    }
}
