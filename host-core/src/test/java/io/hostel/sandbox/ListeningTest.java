package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListeningTest {
    private static List<InetSocketAddress> at(String... where) {
        return Arrays.stream(where)
                .map(each -> each.split(":"))
                .map(each -> new InetSocketAddress(each[0], Integer.parseInt(each[1])))
                .toList();
    }

    @Test
    void who_listens_for_itself_only_is_told_so() {
        assertThat(Listening.why("connection refused", 8080, at("127.0.0.1:8080")))
                .isEqualTo("it listens on 127.0.0.1:8080 only: let it listen on 0.0.0.0");
    }

    @Test
    void who_listens_on_another_port_is_told_which() {
        assertThat(Listening.why("connection refused", 8080, at("0.0.0.0:3000", "127.0.0.1:9000")))
                .contains("it listens on 0.0.0.0:3000, 127.0.0.1:9000, and its port is 8080");
    }

    @Test
    void who_listens_nowhere_is_told_what_asking_came_to() {
        assertThat(Listening.why("connection refused", 8080, at()))
                .isEqualTo("connection refused; it listens on no port");
    }

    @Test
    void who_listens_where_it_should_fails_otherwise() {
        assertThat(Listening.why("answered 500", 8080, at("0.0.0.0:8080", "127.0.0.1:8080")))
                .isEqualTo("answered 500");
        assertThat(Listening.why("answered 500", 8080, at("10.77.1.5:8080"))).isEqualTo("answered 500");
    }

    @Test
    void no_more_are_named_than_can_be_read() {
        assertThat(Listening.why(
                        "connection refused", 80, at("0.0.0.0:1", "0.0.0.0:2", "0.0.0.0:3", "0.0.0.0:4", "0.0.0.0:5", "0.0.0.0:6")))
                .contains("0.0.0.0:5 and 1 more");
    }
}
