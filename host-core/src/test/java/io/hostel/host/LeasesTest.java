package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.ConfigException;
import io.hostel.config.ConfigLoader;
import io.hostel.config.HostelConfig;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.Plans;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import io.hostel.store.SqliteDesiredState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeasesTest {
    @TempDir
    Path directory;

    private SqliteDesiredState state;

    @BeforeEach
    void twoTenants() throws Exception {
        state = SqliteDesiredState.open(directory);
        tenant("alice", 1, 1_000_000, List.of(1));
        tenant("bob", 2, 1_065_536, List.of(2, 200));
        state.saveApp(new StoredApp("bob", "shop", 0, 0, Map.of(), Map.of("web", 20_000, "admin", 20_700), false));
    }

    @AfterEach
    void close() {
        state.close();
    }

    private void tenant(String id, int number, int uidBase, List<Integer> blocks) throws ConfigException {
        state.createTenant(
                new StoredTenant(id, number, uidBase, blocks, settings().tenantQuota(), false),
                new StoredToken(id, id, "first", id, Instant.EPOCH, Optional.empty()));
    }

    /** @param changed keys and values in turn */
    private static HostelConfig settings(String... changed) throws ConfigException {
        Map<String, String> overrides = new HashMap<>(Map.of("hostel.network.cidr", "10.77.0.0/16"));
        for (int i = 0; i < changed.length; i += 2) {
            overrides.put(changed[i], changed[i + 1]);
        }
        return ConfigLoader.load(Optional.empty(), overrides);
    }

    private List<String> amiss(String... changed) throws ConfigException {
        return new Leases(settings(changed)).amiss(state);
    }

    @Test
    void what_was_leased_under_these_settings_is_within_them() throws Exception {
        assertThat(amiss()).isEmpty();
        assertThat(amiss("hostel.network.cidr", "10.80.0.0/12"))
                .as("all blocks are there")
                .isEmpty();
        assertThat(amiss("hostel.network.published-ports", "20000-20700")).isEmpty();
    }

    @Test
    void another_range_of_uids_is_named_with_the_one_that_does() throws Exception {
        assertThat(amiss("hostel.tenants.uid-base", "934464"))
                .containsExactly("hostel.tenants.uid-base is 934464, and tenant alice has the uids from 1000000 on"
                        + " (and 1 more like it): set it to 1000000");
    }

    @Test
    void a_port_outside_the_range_is_named_with_its_app() throws Exception {
        assertThat(amiss("hostel.network.published-ports", "20100-20699"))
                .singleElement()
                .asString()
                .startsWith("hostel.network.published-ports is 20100-20699, and bob/shop has published ")
                .endsWith(" (and 1 more like it): set it to a range that holds 20000 to 20700");
        assertThat(amiss("hostel.network.published-ports", "20000-20699"))
                .containsExactly("hostel.network.published-ports is 20000-20699, and bob/shop has published admin on"
                        + " 20700: set it to a range that holds 20700");
    }

    @Test
    void a_block_that_a_smaller_network_lacks_is_named() throws Exception {
        assertThat(amiss("hostel.network.cidr", "10.77.0.0/17"))
                .containsExactly(
                        "hostel.network.cidr 10.77.0.0/17 has no such block of hostel.network.tenant-prefix 24,"
                                + " and tenant bob has its address block 200: set the two back to what they were, or the"
                                + " first to a wider network");
        assertThat(amiss("hostel.network.tenant-prefix", "20")).hasSize(1);
    }

    @Test
    void every_setting_that_does_not_do_has_a_line() throws Exception {
        assertThat(amiss(
                        "hostel.tenants.uid-base", "2000000",
                        "hostel.network.published-ports", "30000-30001",
                        "hostel.network.cidr", "10.77.0.0/22"))
                .hasSize(3);
    }

    @Test
    void a_sandbox_that_runs_with_an_address_of_another_network_is_named() throws Exception {
        List<LedgerEntry> standing = List.of(LedgerEntry.of(Plans.web(directory)));
        StoredTenant acme =
                new StoredTenant("acme", 3, 1_131_072, List.of(1), settings().tenantQuota(), false);
        assertThat(outside(standing, acme)).isEmpty();
        assertThat(outside(standing, acme, "hostel.network.cidr", "10.78.0.0/16"))
                .containsExactly("hostel.network.cidr is 10.78.0.0/16 with hostel.network.tenant-prefix 24, and sandbox"
                        + " a7h3k9m2p4qx of acme/shop runs with the address 10.77.1.5: set them back to what they"
                        + " were, or first take the sandboxes away by --reap");
        assertThat(outside(standing, acme, "hostel.network.cidr", "10.64.0.0/12"))
                .as("its gateway is another")
                .hasSize(1);
        assertThat(outside(standing, acme, "hostel.network.tenant-prefix", "26"))
                .as("it is in another block now")
                .hasSize(1);
    }

    @Test
    void a_sandbox_of_an_earlier_tenant_of_that_name_is_on_its_way_out() throws Exception {
        List<LedgerEntry> standing = List.of(LedgerEntry.of(Plans.web(directory)));
        assertThat(outside(
                        standing,
                        new StoredTenant(
                                "acme", 7, 1_393_216, List.of(9), settings().tenantQuota(), false)))
                .isEmpty();
    }

    private static List<String> outside(List<LedgerEntry> standing, StoredTenant tenant, String... changed)
            throws ConfigException {
        return new Leases(settings(changed)).outside(standing, List.of(tenant));
    }
}
