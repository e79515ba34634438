package io.hostel.bench;

/**
 * A deployed app with one process, web.
 *
 * @param port where it is published; 0 where it is not
 */
record App(String tenant, String name, int port) {
    String path() {
        return "/v1/tenants/" + tenant + "/apps/" + name;
    }

    String process() {
        return path() + "/processes/web";
    }

    /** As the client in C takes it. */
    String text() {
        return tenant + "/" + name + "/web:" + port;
    }
}
