package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.hostel.fake.FakeKernel;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.KernelException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TenantGroupsTest {
    private static final Limits SMALL = new Limits(64 << 20, 1, 64);
    private static final Limits LARGE = new Limits(128 << 20, 2, 128);

    private final FakeKernel kernel = new FakeKernel();
    private final Deque<Runnable> calls = new ArrayDeque<>();
    private final TenantGroups groups = new TenantGroups(kernel.cgroups(), this::call);

    private synchronized void call(Runnable task) {
        calls.add(task);
    }

    private synchronized int callAll() {
        int called = 0;
        for (Runnable task; (task = calls.poll()) != null; called++) {
            task.run();
        }
        return called;
    }

    @Test
    void a_bound_is_set_elsewhere_and_only_where_it_changes() {
        groups.bound(5, SMALL);
        groups.bound(5, SMALL);
        assertThat(kernel.cgroups().bound("t-5")).isEmpty();
        assertThat(callAll()).isOne();
        assertThat(kernel.cgroups().bound("t-5")).contains(SMALL);
        groups.bound(5, LARGE);
        callAll();
        assertThat(kernel.cgroups().bound("t-5")).contains(LARGE);
        assertThat(kernel.effects().journal()).hasSize(2);
    }

    @Test
    void who_needs_the_group_before_has_it_with_its_bound() throws Exception {
        groups.bound(5, SMALL);
        groups.stand("t-5/hs-a7x");
        assertThat(kernel.cgroups().bound("t-5")).contains(SMALL);
        callAll();
        groups.stand("t-5/hs-a7y");
        assertThat(kernel.effects().journal()).hasSize(1);
    }

    @Test
    void a_bound_that_has_to_wait_keeps_nobody_from_a_group_that_has_one() throws Exception {
        kernel.cgroups().bound("t-5", LARGE); // by an earlier daemon
        kernel.effects().refuse("bound");
        groups.bound(5, SMALL);
        groups.stand("t-5/hs-a7x");
        callAll();
        groups.stand("t-5/hs-a7y");
        kernel.effects().mend();
        Patience.await().until(() -> callAll() > 0);
        assertThat(kernel.cgroups().bound("t-5")).contains(SMALL);
    }

    @Test
    void what_has_to_wait_is_tried_once_at_a_time() {
        kernel.effects().refuse("bound");
        for (int i = 0; i < 5; i++) {
            groups.bound(5, i % 2 == 0 ? SMALL : LARGE);
        }
        callAll();
        Patience.await().until(() -> {
            int called = callAll();
            assertThat(called).isLessThanOrEqualTo(1);
            return called == 1;
        });
    }

    @Test
    void while_one_tenants_group_cannot_be_removed_others_are_made() throws Exception {
        CountDownLatch removing = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Cgroups slow = (Cgroups) Proxy.newProxyInstance(
                Cgroups.class.getClassLoader(), new Class<?>[] {Cgroups.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("remove")) {
                        removing.countDown();
                        end.await();
                    }
                    return method.invoke(kernel.cgroups(), arguments);
                });
        TenantGroups both = new TenantGroups(slow, task -> new Thread(task).start());
        both.gone(5);
        removing.await();
        both.bound(6, SMALL);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> both.stand("t-6/hs-a7x"));
        end.countDown();
        assertThat(kernel.cgroups().bound("t-6")).contains(SMALL);
    }

    @Test
    void without_a_bound_there_is_no_group() {
        assertThatThrownBy(() -> groups.stand("t-6/hs-a7x"))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("ENOENT"));
        assertThat(kernel.cgroups().groups()).isEmpty();
    }

    @Test
    void a_group_that_somebody_has_taken_away_is_made_again() throws Exception {
        groups.bound(5, SMALL);
        callAll();
        kernel.cgroups().remove("t-5");
        groups.stand("t-5/hs-a7x");
        assertThat(kernel.cgroups().bound("t-5")).contains(SMALL);
    }

    @Test
    void what_the_kernel_refuses_is_tried_again() {
        kernel.effects().refuse("bound");
        groups.bound(5, SMALL);
        callAll();
        kernel.effects().mend();
        Patience.await().until(() -> callAll() > 0);
        assertThat(kernel.cgroups().bound("t-5")).contains(SMALL);
    }

    @Test
    void a_tenants_group_goes_when_the_last_in_it_has_gone() throws Exception {
        groups.bound(5, SMALL);
        callAll();
        kernel.cgroups().create("t-5/hs-a7x", SMALL);
        groups.gone(5);
        callAll();
        assertThat(kernel.cgroups().groups()).containsExactly("t-5", "t-5/hs-a7x");
        assertThat(groups.names()).containsExactly("t-5");
        kernel.cgroups().remove("t-5/hs-a7x");
        Patience.await().until(() -> callAll() > 0);
        assertThat(kernel.cgroups().groups()).isEmpty();
        assertThat(groups.names()).isEmpty();
    }

    @Test
    void a_number_that_is_given_to_another_tenant_meanwhile_keeps_its_group() {
        groups.bound(5, SMALL);
        callAll();
        groups.gone(5);
        groups.bound(5, LARGE);
        callAll();
        assertThat(kernel.cgroups().bound("t-5")).contains(LARGE);
        assertThat(groups.names()).containsExactly("t-5");
    }

    @Test
    void what_is_left_of_tenants_that_are_gone_is_swept_and_others_things_are_not() throws Exception {
        kernel.cgroups().bound("t-5", SMALL);
        kernel.cgroups().bound("t-6", SMALL);
        kernel.cgroups().create("hs-a7x", SMALL);
        groups.bound(6, SMALL);
        groups.sweep();
        callAll();
        assertThat(kernel.cgroups().groups()).containsExactly("hs-a7x", "t-6");
    }
}
