package io.hostel.sandbox;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Why a program that runs is not reached, by where it listens; in words for whoever deployed it. Pure. */
final class Listening {
    private static final int SHOWN = 5;

    private Listening() {}

    /** @param found what asking it came to */
    static String why(String found, int port, Collection<InetSocketAddress> listening) {
        List<InetSocketAddress> all = listening.stream()
                .sorted(Comparator.comparingInt(InetSocketAddress::getPort)
                        .thenComparing(each -> each.getAddress().getHostAddress()))
                .toList();
        List<InetSocketAddress> here = all.stream().filter(each -> each.getPort() == port).toList();
        if (here.stream().anyMatch(each -> !each.getAddress().isLoopbackAddress())) {
            return found;
        }
        if (!here.isEmpty()) {
            return "it listens on " + words(here) + " only: let it listen on 0.0.0.0";
        }
        if (all.isEmpty()) {
            return found + "; it listens on no port";
        }
        return "it listens on " + words(all) + ", and its port is " + port
                + ": let it listen on 0.0.0.0:$PORT, or name the port that it has";
    }

    private static String words(List<InetSocketAddress> some) {
        String shown = some.stream()
                .limit(SHOWN)
                .map(each -> each.getAddress().getHostAddress() + ":" + each.getPort())
                .collect(Collectors.joining(", "));
        return some.size() > SHOWN ? shown + " and " + (some.size() - SHOWN) + " more" : shown;
    }
}
