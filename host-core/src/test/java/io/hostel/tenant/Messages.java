package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.Quota;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One message of every kind that an actor permits, with whatever content. */
final class Messages {
    private final ActorRef<?> nobody;

    Messages(ActorRef<?> nobody) {
        this.nobody = nobody;
    }

    static <M> List<Class<? extends M>> kinds(Class<M> sealed) {
        List<Class<? extends M>> kinds = new ArrayList<>();
        collect(sealed, sealed, kinds);
        return kinds;
    }

    private static <M> void collect(Class<M> root, Class<?> type, List<Class<? extends M>> kinds) {
        if (type.isRecord()) {
            kinds.add(type.asSubclass(root));
        } else if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                collect(root, permitted, kinds);
            }
        }
    }

    <M> M of(Class<M> kind) {
        return kind.cast(value(kind));
    }

    private Object value(RecordComponent component) {
        return component.getGenericType().getTypeName().equals("java.util.List<java.lang.Integer>")
                ? List.of(1)
                : value(component.getType());
    }

    private Object value(Class<?> type) {
        if (type == Quota.class) {
            return Quota.STANDARD;
        }
        if (type.isRecord()) {
            return made(type);
        }
        if (type.isSealed()) {
            return value(type.getPermittedSubclasses()[0]);
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type == String.class) {
            return "x";
        }
        if (type == int.class || type == Integer.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == double.class) {
            return 1.0;
        }
        if (type == boolean.class) {
            return false;
        }
        if (type == byte[].class) {
            return new byte[0];
        }
        if (type == Duration.class) {
            return Duration.ZERO;
        }
        if (type == Instant.class) {
            return Instant.EPOCH;
        }
        if (type == Path.class) {
            return Path.of("/x");
        }
        if (type == Inet4Address.class) {
            return io.hostel.config.Cidr.parseAddress("10.77.9.9");
        }
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == List.class) {
            return List.of();
        }
        if (type == Map.class || type == java.util.SortedMap.class) {
            return new java.util.TreeMap<>();
        }
        if (type == InputStream.class) {
            return InputStream.nullInputStream();
        }
        if (type == Throwable.class) {
            return new RefusedException(new Refusal.Unavailable("x"));
        }
        if (type == ActorRef.class) {
            return nobody;
        }
        throw new AssertionError("no value known of " + type);
    }

    private Object made(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(
                    Arrays.stream(components).map(this::value).toArray());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("make a " + type, e);
        }
    }
}
