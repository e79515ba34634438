package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ProcessSpec;
import io.hostel.config.Cidr;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import io.hostel.kernel.PacketFilter;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SandboxPlannerTest {
    private static final Path ROOT = Path.of("/h");
    private static final Inet4Address ADDRESS = Cidr.parseAddress("10.77.1.5");
    private static final MacAddress MAC = MacAddress.of("a7h3k9m2p4qx");

    @Test
    void every_name_follows_from_the_id() {
        SandboxPlan plan = Plans.web(ROOT);
        assertThat(plan.id()).isEqualTo("a7h3k9m2p4qx");
        assertThat(plan.pin()).isEqualTo(Path.of("/h/run/netns/a7h3k9m2p4qx"));
        assertThat(plan.cgroup()).isEqualTo("t-3/hs-a7h3k9m2p4qx");
        assertThat(plan.veth()).contains(new Links.Veth("hs-a7h3k9m2p4qx", "hostel0", plan.pin(), MAC));
        assertThat(plan.lease())
                .contains(new Links.Lease("hostel0", plan.pin(), ADDRESS, MAC, Cidr.parseAddress("10.77.0.1")));
        assertThat(plan.rules()).contains(new PacketFilter.Rules("hs-a7h3k9m2p4qx", MAC, ADDRESS, 3, true, true));
        assertThat(plan.limits()).isEqualTo(new Cgroups.Limits(128 << 20, 0.5, 64));
        assertThat(plan.layerPool()).isEqualTo(Path.of("/h/run/layers"));
        assertThat(plan.layer()).isEqualTo("a7h3k9m2p4qx");
        assertThat(plan.layerOwner()).isEqualTo(1_131_072);
        assertThat(plan.launch().upper()).isEqualTo(Path.of("/h/run/layers/a7h3k9m2p4qx/upper"));
        assertThat(plan.launch().work()).isEqualTo(Path.of("/h/run/layers/a7h3k9m2p4qx/work"));
        assertThat(plan.launch().logFile()).isEqualTo(Path.of("/h/log/acme/shop/a7h3k9m2p4qx.log"));
        assertThat(plan.launch(2).recordDir()).isEqualTo(Path.of("/h/run/launches/a7h3k9m2p4qx/2"));
        assertThat(plan.launch().binds()).containsExactly(Path.of("/usr"));
        assertThat(plan.launch().directory()).isEqualTo("/app");
    }

    @Test
    void a_links_name_fits_into_what_the_kernel_allows() {
        assertThat(Plans.web(ROOT).veth().orElseThrow().name()).hasSizeLessThanOrEqualTo(15);
    }

    @Test
    void the_environment_is_hostels_and_the_releases() {
        assertThat(Plans.web(ROOT).launch().environment())
                .containsExactly(
                        "GREETING=hello",
                        "HOME=/app",
                        "HOSTEL_APP=shop",
                        "HOSTEL_PROCESS=web",
                        "HOSTEL_RELEASE=4",
                        "HOSTEL_SANDBOX=a7h3k9m2p4qx",
                        "HOSTEL_TENANT=acme",
                        "LANG=C.UTF-8",
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "PORT=8080");
    }

    @Test
    void a_release_may_say_what_is_only_usual_and_nothing_else_of_hostels() {
        SandboxRequest request = request(
                Plans.spec(Optional.of(8080), ProcessSpec.RestartPolicy.ALWAYS),
                Map.of("PATH", "/app/bin", "HOME", "/root", "LANG", "C", "PORT", "1", "HOSTEL_TENANT", "other"));
        assertThat(SandboxPlanner.plan(request, Plans.layout(ROOT)).launch().environment())
                .contains("PATH=/app/bin", "HOME=/root", "LANG=C", "PORT=8080", "HOSTEL_TENANT=acme")
                .hasSize(9);
    }

    @Test
    void without_a_network_there_is_no_veth_lease_or_rule() {
        ProcessSpec spec = Plans.spec(Optional.of(8080), ProcessSpec.RestartPolicy.ALWAYS);
        ProcessSpec alone = new ProcessSpec(
                spec.command(),
                spec.port(),
                Optional.of(1),
                1,
                spec.expose(),
                spec.limits(),
                spec.health(),
                spec.restart(),
                spec.stopTimeout(),
                ProcessSpec.Network.NONE,
                spec.egress(),
                spec.user());
        SandboxPlan plan = SandboxPlanner.plan(request(alone, Map.of()), Plans.layout(ROOT));
        assertThat(plan.veth()).isEmpty();
        assertThat(plan.lease()).isEmpty();
        assertThat(plan.rules()).isEmpty();
        assertThat(plan.address()).isEmpty();
    }

    @Test
    void ids_begin_with_the_hosts_tag_and_do_not_repeat() {
        SandboxIds ids = new SandboxIds("a7");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String id = ids.next();
            assertThat(id).matches("a7[0-9a-hjkmnp-tv-z]{10}");
            assertThat(seen.add(id)).isTrue();
        }
    }

    @Test
    void bridges_of_two_hosts_give_different_tags() {
        assertThat(SandboxIds.tag("hostel0"))
                .hasSize(2)
                .isEqualTo(SandboxIds.tag("hostel0"))
                .isNotEqualTo(SandboxIds.tag("hostel1"));
    }

    private static SandboxRequest request(ProcessSpec spec, Map<String, String> env) {
        SandboxRequest request = Plans.request(spec);
        return new SandboxRequest(
                request.id(),
                request.tenant(),
                request.tenantNumber(),
                request.uidBase(),
                request.app(),
                request.process(),
                request.release(),
                spec,
                env,
                List.of(),
                List.of(),
                request.bridge(),
                request.address());
    }
}
