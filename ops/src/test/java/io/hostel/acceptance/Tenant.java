package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** A tenant of the host, and what it can do with its token. */
public final class Tenant {
    private final Host host;
    private final String id;
    private final Api api;
    private final JsonNode created;

    private Tenant(Host host, String id, Api api, JsonNode created) {
        this.host = host;
        this.id = id;
        this.api = api;
        this.created = created;
    }

    public static Tenant create(Host host, String id, Map<String, Object> quota) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", id);
        if (!quota.isEmpty()) {
            body.put("quota", quota);
        }
        JsonNode created = host.operator().post("/v1/tenants", body).is(201);
        return new Tenant(host, id, host.anonymous().as(created.path("token").asText()), created);
    }

    /** A tenant that is there, or is to be, in the hands of the operator. */
    public static Tenant byOperator(Host host, String id) {
        return new Tenant(host, id, host.operator(), com.fasterxml.jackson.databind.node.MissingNode.getInstance());
    }

    public String id() {
        return id;
    }

    public Api api() {
        return api;
    }

    public long uidBase() {
        return created.path("uidBase").asLong();
    }

    public String path() {
        return "/v1/tenants/" + id;
    }

    public App app(String app) {
        return new App(host, this, app);
    }

    /** Uploads a plain tar. @return its digest */
    public String upload(byte[] tar) {
        JsonNode artifact =
                api.upload(path() + "/artifacts", "application/x-tar", tar).is(201);
        assertThat(artifact.path("digest").asText()).matches("sha256:[0-9a-f]{64}");
        return artifact.path("digest").asText();
    }

    /** A web app of one process that is live. */
    public App web(String app, Program process) {
        App deployed = app(app);
        deployed.deploy(Release.of("web", process)).live();
        return deployed;
    }

    /** Takes all that is the tenant's away. */
    public void delete() {
        host.operator().delete(path() + Patience.WAIT).succeeded();
    }
}
