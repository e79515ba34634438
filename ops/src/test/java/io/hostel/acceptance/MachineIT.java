package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What compares the machine with what it was before sees each kind of thing that is left there. */
final class MachineIT {
    private static final String MARK = "hstm" + ProcessHandle.current().pid() % 10_000;

    @BeforeAll
    static void loIsUp() throws Exception {
        World.reachable();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "link | ip link add $MARK type bridge | ip link delete $MARK",
                "link lo: | ip link set lo mtu 60000 | ip link set lo mtu 65536",
                "address | ip addr add 192.0.2.9/32 dev lo | ip addr delete 192.0.2.9/32 dev lo",
                "address | ip addr add 2001:db8::9/128 dev lo | ip addr delete 2001:db8::9/128 dev lo",
                "neighbour | ip link add $MARK type bridge && ip link set $MARK up && ip neigh add 192.0.2.8 lladdr 02:00:00:00:00:01 dev $MARK nud permanent | ip link delete $MARK",
                "route | ip route add 192.0.2.0/28 dev lo table 77 | ip route delete 192.0.2.0/28 dev lo table 77",
                "route6 | ip -6 route add 2001:db8:1::/64 dev lo | ip -6 route delete 2001:db8:1::/64 dev lo",
                "rule | ip rule add from 192.0.2.0/28 table 77 | ip rule delete from 192.0.2.0/28 table 77",
                "rule6 | ip -6 rule add from 2001:db8::/64 table 77 | ip -6 rule delete from 2001:db8::/64 table 77",
                "nft | nft add table inet $MARK | nft delete table inet $MARK",
                "setting ipv4/conf/lo/route_localnet | echo 1 >/proc/sys/net/ipv4/conf/lo/route_localnet | echo 0 >/proc/sys/net/ipv4/conf/lo/route_localnet",
                "mount | mount -t tmpfs none $DIRECTORY | umount $DIRECTORY",
                "mount | mount -o bind,ro $DIRECTORY $DIRECTORY | umount $DIRECTORY",
                "cgroup | mkdir $GROUPS_AT/$MARK | rmdir $GROUPS_AT/$MARK",
                "loop | losetup -f $DIRECTORY/file | losetup -d $(losetup -nO NAME -j $DIRECTORY/file)",
                "netns | mkdir -p /run/netns && touch /run/netns/$MARK | rm /run/netns/$MARK; rmdir /run/netns 2>&1; true",
                "process | (exec -a $MARK sleep 1000 >/dev/null 2>&1) & echo $! >$DIRECTORY/pid | kill $(cat $DIRECTORY/pid)"
            })
    void whatIsLeftBehindIsSeen(String kind, String make, String takeAway) throws Exception {
        Path directory = Files.createTempDirectory(Shell.disk(), MARK + "-");
        try {
            Files.write(directory.resolve("file"), new byte[1 << 20]);
            List<String> before = Machine.state(MARK);
            run(make, directory);
            try {
                assertThatThrownBy(() -> Machine.assertAsBefore(MARK, before))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("left on the machine")
                        .hasMessageContaining("\"" + kind);
            } finally {
                run(takeAway, directory);
            }
            Machine.assertAsBefore(MARK, before);
        } finally {
            Shell.run("rm", "-rf", "--one-file-system", directory.toString());
        }
    }

    private static void run(String commands, Path directory) {
        Path freezer = Path.of("/sys/fs/cgroup/freezer");
        Path groups = Files.isDirectory(freezer) ? freezer : Path.of("/sys/fs/cgroup");
        Shell.Outcome outcome = Shell.outcome(
                Map.of("MARK", MARK, "DIRECTORY", directory.toString(), "GROUPS_AT", groups.toString()),
                "bash",
                "-c",
                commands);
        assertThat(outcome.code()).as(commands + ": " + outcome.output()).isZero();
    }
}
