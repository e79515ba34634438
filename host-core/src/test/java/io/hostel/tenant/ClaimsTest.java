package io.hostel.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClaimsTest {
    private final Claims claims = new Claims();

    private static Demand demand(int processes, long memory) {
        Map<String, Claim> each = new HashMap<>();
        for (int i = 0; i < processes; i++) {
            each.put("p" + i, new Claim(Map.of(QuotaField.MEMORY, memory, QuotaField.SANDBOXES, 1L)));
        }
        return new Demand(each);
    }

    @Test
    void ofAThousandAppsEachIsAddedUpOnce() {
        assertTimeout(Duration.ofSeconds(3), () -> {
            for (int app = 0; app < 1_000; app++) {
                claims.hold("app" + app, demand(20, 1), app % 2 == 0);
                claims.total();
                assertThat(claims.refusal(Quota.STANDARD.with(QuotaField.SANDBOXES, 30_000), "new", demand(1, 1), "/"))
                        .isEqualTo(Optional.empty());
            }
        });
        assertThat(claims.total().of(QuotaField.SANDBOXES)).isEqualTo(20_000);
        assertThat(claims.surge().of(QuotaField.SANDBOXES)).isEqualTo(20);
    }

    @Test
    void theSumIsWhatTheAppsHoldAndWhatIsAdmittedWhateverCameAndWent() {
        Random random = new Random(3);
        Map<Long, String> tickets = new HashMap<>();
        for (int step = 0; step < 2_000; step++) {
            String app = "app" + random.nextInt(5);
            Demand some = demand(random.nextInt(4), random.nextInt(8) == 0 ? Long.MAX_VALUE : random.nextInt(1_000));
            switch (random.nextInt(4)) {
                case 0 -> claims.hold(app, some, random.nextBoolean());
                case 1 -> tickets.put(claims.admit(app, some, false), app);
                case 2 -> tickets.keySet().stream().findFirst().ifPresent(ticket -> {
                    claims.settle(ticket);
                    tickets.remove(ticket);
                });
                default -> {
                    if (random.nextInt(5) == 0) {
                        claims.settleAll(app);
                    }
                }
            }
            Claim sum = Claim.NONE;
            for (int i = 0; i < 5; i++) {
                sum = sum.plus(claims.of("app" + i).total());
            }
            for (QuotaField field : QuotaField.values()) {
                assertThat(claims.total().of(field)).isEqualTo(sum.of(field));
            }
        }
    }
}
