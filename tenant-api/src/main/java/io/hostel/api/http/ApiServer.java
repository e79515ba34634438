package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.settings.ServerSettings;
import akka.stream.javadsl.Sink;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.hostel.config.Endpoint;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** The API's server on a port. */
public final class ApiServer {
    private final ServerBinding binding;

    private ApiServer(ServerBinding binding) {
        this.binding = binding;
    }

    /**
     * Binds and serves; fails where the address is taken or none of this machine's.
     *
     * @param endpoint port 0 takes a free one
     */
    public static CompletionStage<ApiServer> bind(HttpApi api, Endpoint endpoint, ActorSystem<?> system) {
        Connections connections = new Connections(api, system);
        return Http.get(system)
                .newServerAt(endpoint.host(), endpoint.port())
                .withSettings(settings(system))
                .connectionSource()
                .to(Sink.foreach(connections::accept))
                .run(system)
                .thenApply(ApiServer::new);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** Accepts no more; what is under way has this long to end. */
    public CompletionStage<?> stop(Duration grace) {
        return binding.terminate(grace);
    }

    /** The bounds in server.conf beside this class, over akka-http's own. */
    static ServerSettings settings(ActorSystem<?> system) {
        Config bounds = ConfigFactory.parseResources(ApiServer.class, "server.conf");
        if (bounds.isEmpty()) {
            throw new IllegalStateException("io/hostel/api/http/server.conf is missing on the class path");
        }
        return ServerSettings.create(
                bounds.withFallback(system.settings().config()).resolve());
    }
}
