package io.hostel.packaging;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.slf4j.LoggerFactory;

/**
 * Does once, without root and without touching the machine, what the host does at its start, so that the classes it loads can
 * be archived: an actor system, an HTTP server that answers, a database, JSON, and every class of the host's own.
 */
public final class HostRehearsal {

    /** A shape that makes Jackson load what views need. */
    public record View(String id, Optional<Integer> pid, Instant at) {}

    private HostRehearsal() {}

    public static void main(String[] arguments) throws Exception {
        loadOwnClasses();
        LoggerFactory.getLogger(HostRehearsal.class).debug("rehearsal");
        database();
        ObjectMapper json = JsonMapper.builder()
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .build();
        String text = json.writeValueAsString(new View("a", Optional.of(1), Instant.EPOCH));
        json.readValue(text, View.class);
        serve(json.readTree(text));
        System.exit(0);
    }

    private static void serve(JsonNode answer) throws Exception {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "rehearsal");
        Route route = Directives.concat(
                Directives.path(
                        "things",
                        () -> Directives.parameterOptional(
                                "wait",
                                wait -> Directives.get(() -> Directives.complete(
                                        HttpEntities.create(ContentTypes.APPLICATION_JSON, answer.toString()))))),
                Directives.pathPrefix(
                        "v1",
                        () -> Directives.post(() -> Directives.extractDataBytes(bytes -> Directives.complete("")))));
        ServerBinding binding = Http.get(system)
                .newServerAt("127.0.0.1", 0)
                .bind(route)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        HttpClient client = HttpClient.newHttpClient();
        URI uri = URI.create("http://127.0.0.1:" + binding.localAddress().getPort() + "/things");
        for (int i = 0; i < 3; i++) {
            client.send(HttpRequest.newBuilder(uri).GET().build(), BodyHandlers.ofString());
        }
        binding.terminate(Duration.ofSeconds(5)).toCompletableFuture().get(30, TimeUnit.SECONDS);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static void database() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statement statement = connection.createStatement()) {
            statement.execute("create table t (id text primary key, at integer)");
            statement.execute("insert into t values ('a', 1)");
        }
    }

    /** Initialisers do not run: nothing acts by being loaded. */
    private static void loadOwnClasses() throws IOException {
        ClassLoader loader = HostRehearsal.class.getClassLoader();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            String jar = Path.of(entry).getFileName().toString();
            if (!jar.matches("(config|tenant-api|native|host-core)-\\d+\\.\\d+\\.\\d+\\.jar")
                    || jar.startsWith("config-1.")) {
                continue;
            }
            try (JarFile file = new JarFile(entry)) {
                file.stream()
                        .map(one -> one.getName())
                        .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                        .forEach(name ->
                                load(name.substring(0, name.length() - 6).replace('/', '.'), loader));
            }
        }
    }

    private static void load(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            System.err.println("not archived: " + name + ": " + e);
        }
    }
}
