package io.hostel.kernel.linux;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A plan as the launcher reads it: {@code KEY=VALUE} strings, each ended by a zero byte; see {@code plan.c}. */
final class PlanText {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** @throws IllegalArgumentException where the value holds a zero character: the launcher would see another field begin */
    PlanText put(String key, String value) {
        if (value.indexOf(0) >= 0) throw new IllegalArgumentException(key + " holds a zero character");
        bytes.writeBytes((key + "=" + value).getBytes(StandardCharsets.UTF_8));
        bytes.write(0);
        return this;
    }

    PlanText put(String key, long value) {
        return put(key, Long.toString(value));
    }

    PlanText put(String key, Path value) {
        return put(key, value.toString());
    }

    PlanText each(String key, List<?> values) {
        values.forEach(value -> put(key, value.toString()));
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
