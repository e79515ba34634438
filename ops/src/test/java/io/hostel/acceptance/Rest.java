package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A host at rest: nothing is under way, and the machine holds exactly what belongs to the sandboxes that run. */
final class Rest {
    private Rest() {}

    /**
     * Throws unless so many sandboxes run, each with a published port, one is made ahead, and that is all.
     *
     * @param sandboxes any of these numbers will do
     */
    static void of(Host host, Integer... sandboxes) {
        List<JsonNode> all = new ArrayList<>();
        host.operator().get("/v1/sandboxes").is(200).path("items").forEach(all::add);
        assertThat(all).allSatisfy(one -> assertThat(one.path("state").asText()).isEqualTo("running"));
        assertThat(all.size()).as("sandboxes").isIn(List.of(sandboxes));
        JsonNode doctor = host.operator().get("/v1/doctor").is(200);
        assertThat(doctor.path("leaked")).isEmpty();
        assertThat(doctor.path("missing")).isEmpty();
        List<String> slots = Footprint.names(host.runDir().resolve("slots"))
                .map(name -> name.replace(".json", ""))
                .toList();
        assertThat(slots).as("made ahead").hasSize(1);
        var expected = Footprint.expected(host, all, slots);
        var found = Footprint.of(host);
        if (!found.equals(expected)) {
            throw new AssertionError("the machine holds" + Footprint.difference(expected, found));
        }
    }
}
