package io.hostel.api;

import java.util.Optional;

/**
 * @param scale how many sandboxes are wanted
 * @param running how many are alive and answer
 * @param pending how many wait until there is room for them within the tenant's quota
 * @param reason why they wait
 * @param publishedPort port of the host that leads to it
 * @param url where a browser finds it
 * @param address {@code IP:PORT} of one running sandbox, for the tenant's other sandboxes
 */
public record ProcessView(
        int scale,
        int running,
        int pending,
        Optional<String> reason,
        Optional<Integer> port,
        ProcessSpec.Expose expose,
        Optional<Integer> publishedPort,
        Optional<String> url,
        Optional<String> address) {}
