package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** One app of a tenant, as the tenant's own token sees it. */
public record App(Host host, Tenant tenant, String id) {

    /** What a deploy came to. */
    public record Deployed(JsonNode release) {
        /** Fails the test unless it is live. */
        public int live() {
            assertThat(release.path("status").asText()).as(release.toString()).isEqualTo("live");
            return release.path("release").asInt();
        }

        public String failed() {
            assertThat(release.path("status").asText()).as(release.toString()).isEqualTo("failed");
            return release.path("reason").asText();
        }
    }

    public String path() {
        return tenant.path() + "/apps/" + id;
    }

    public Api api() {
        return tenant.api();
    }

    /** Deploys and waits for the outcome. */
    public Deployed deploy(Release release) {
        return new Deployed(
                api().post(path() + "/releases" + Patience.WAIT, release.spec()).is(201));
    }

    /** Deploys without waiting. @return the release's number */
    public int deployLater(Release release) {
        return api().post(path() + "/releases", release.spec())
                .succeeded()
                .path("release")
                .asInt();
    }

    public JsonNode view() {
        return api().get(path()).is(200);
    }

    public JsonNode process(String name) {
        return view().path("processes").path(name);
    }

    /** Where the world reaches the process. */
    public String url(String process) {
        return process(process).path("url").asText();
    }

    public int publishedPort(String process) {
        int port = process(process).path("publishedPort").asInt();
        assertThat(port).as("published port of %s", path()).isBetween(24_000, 24_999);
        return port;
    }

    public String address(String process) {
        return process(process).path("address").asText();
    }

    public List<JsonNode> sandboxes() {
        List<JsonNode> all = new ArrayList<>();
        api().get(path() + "/sandboxes").is(200).path("items").forEach(all::add);
        return all;
    }

    public Sandbox sandbox() {
        List<JsonNode> all = sandboxes();
        assertThat(all).as("sandboxes of %s", path()).hasSize(1);
        return new Sandbox(this, all.get(0).path("id").asText());
    }

    /** All that run, once there are so many. */
    public List<Sandbox> running(int count) {
        return Awaitility.await(count + " of " + path() + " run")
                .atMost(Host.PATIENCE)
                .until(this::runningNow, now -> now.size() == count);
    }

    private List<Sandbox> runningNow() {
        return sandboxes().stream()
                .filter(one -> one.path("state").asText().equals("running"))
                .map(one -> new Sandbox(this, one.path("id").asText()))
                .toList();
    }

    public JsonNode scale(String process, int scale) {
        return api().patch(path() + "/processes/" + process + Patience.WAIT, Map.of("scale", scale))
                .is(200);
    }

    public void delete() {
        api().delete(path() + Patience.WAIT).succeeded();
    }
}
