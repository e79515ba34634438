package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What of the network is one for the machine and all of its tenants: ports, tracked connections. */
final class SharedNetworkIT {
    private static final int FIRST_PORT = 24_000;

    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.doctor.interval-seconds=1");

    /** One after the other in the same sandbox, kept open until the last has been tried. */
    private static String opened(int many) {
        return "import socket\nheld = []\nfor n in range(" + many + "):\n  try: held.append(socket.create_connection(('"
                + World.ADDRESS + "', 80), " + Patience.silence(2) + "))\n  except OSError: break\nprint(len(held))";
    }

    @Test
    void portsOnWhichServicesOfTheMachineListenAreLeftToThem() throws Exception {
        Tenant dora = HOST.tenant("dora");
        try (ServerSocket loopback = new ServerSocket(FIRST_PORT, 10, InetAddress.getByName("127.0.0.1"));
                ServerSocket everywhere = new ServerSocket(FIRST_PORT + 1)) {
            App shop = dora.web("shop", Program.webServer());
            assertThat(shop.publishedPort("web")).isEqualTo(FIRST_PORT + 2);
            for (ServerSocket service : new ServerSocket[] {loopback, everywhere}) {
                try (Socket caller = new Socket("127.0.0.1", service.getLocalPort());
                        Socket called = service.accept()) {
                    try (OutputStream out = called.getOutputStream()) {
                        out.write("the machine's".getBytes(StandardCharsets.US_ASCII));
                    }
                    assertThat(new String(caller.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                            .isEqualTo("the machine's");
                }
            }
            try (ServerSocket late = new ServerSocket(FIRST_PORT + 2)) {
                assertThat(late.isBound()).isTrue();
                Awaitility.await()
                        .atMost(Host.PATIENCE)
                        .until(() -> HOST.operator()
                                .get("/v1/events?since=0")
                                .text()
                                .contains("a service of the machine listens on port " + (FIRST_PORT + 2)));
            }
        }
        dora.delete();
    }

    @Test
    void aTenantOpensAsManyConnectionsAsItsQuotaSaysAlsoOnceThatHasChanged() {
        World.reachable();
        Tenant erin = HOST.tenant("erin", Map.of("connections", 5));
        Sandbox sandbox = erin.web("shop", Program.webServer()).sandbox();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .until(() -> sandbox.python(opened(8)).succeeded().equals("5\n"));
        HOST.operator().patch("/v1/tenants/erin", Map.of("quota", Map.of("connections", 7))).succeeded();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .until(() -> sandbox.python(opened(8)).succeeded().equals("7\n"));
        erin.delete();
    }
}
