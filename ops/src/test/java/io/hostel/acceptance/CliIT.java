package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The command line, as the operator and a tenant type it. */
final class CliIT {
    @RegisterExtension
    static final Host HOST = new Host();

    @TempDir
    Path site;

    private static Shell.Outcome hostel(String token, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Shell.root().resolve("ops/hostel").toString()));
        command.addAll(List.of(arguments));
        return Shell.outcome(
                Map.of("HOSTEL_URL", HOST.daemon().api(), "HOSTEL_TOKEN", token), command.toArray(String[]::new));
    }

    private static String ok(String token, String... arguments) {
        Shell.Outcome outcome = hostel(token, arguments);
        assertThat(outcome.code())
                .as("hostel %s: %s", String.join(" ", arguments), outcome.output())
                .isZero();
        return outcome.output();
    }

    @Test
    void itSaysItsVersionHelpsAndIsFoundByALink() throws IOException {
        Path link = Files.createSymbolicLink(site.resolve("hostel"), Shell.root().resolve("ops/hostel"));
        assertThat(Shell.run(link.toString(), "--version")).startsWith("hostel ");
        assertThat(Shell.run(link.toString(), "help", "deploy")).contains("Usage: hostel deploy");
        Path script = Files.writeString(site.resolve("completion"), Shell.run(link.toString(), "completion"));
        assertThat(Shell.run("bash", "-c", "source \"$0\" && complete -p hostel", script.toString()))
                .contains("hostel");
    }

    @Test
    void bytesOfACommandComeWholeOrItFails() throws IOException {
        String operator = HOST.operator().token();
        String token = ok(operator, "tenant", "create", "erin", "-q").strip();
        ok(token, "deploy", "erin/data", "none", "--", "sleep", "1000");
        Path given = site.resolve("given");
        Path got = site.resolve("got");
        byte[] bytes = new byte[300_000];
        new Random(7).nextBytes(bytes);
        Files.write(given, bytes);
        assertThat(redirected(token, given, got, "exec", "-i", "erin/data", "--", "cat").code()).isZero();
        assertThat(Files.readAllBytes(got)).isEqualTo(bytes);

        Shell.Outcome cut = hostel(token, "exec", "erin/data", "--", "seq", "1", "500000");
        assertThat(cut.code()).isEqualTo(125);
        assertThat(cut.output()).contains("cut after 1 MiB");

        Shell.Outcome late = hostel(token, "exec", "--timeout", "1s", "-w", "/tmp", "erin/data", "--", "sh", "-c", "pwd; sleep 100");
        assertThat(late.code()).isEqualTo(137);
        assertThat(late.output()).contains("/tmp\n", "1s, its --timeout");
        ok(operator, "tenant", "delete", "erin");
    }

    private static Shell.Outcome redirected(String token, Path in, Path out, String... arguments) {
        return Shell.outcome(
                Map.of("HOSTEL_URL", HOST.daemon().api(), "HOSTEL_TOKEN", token),
                Stream.concat(
                                Stream.of("/bin/sh", "-c", "in=$1 out=$2; shift 2; exec \"$0\" \"$@\" <\"$in\" >\"$out\""),
                                Stream.concat(
                                        Stream.of(Shell.root().resolve("ops/hostel").toString(), in.toString(), out.toString()),
                                        Stream.of(arguments)))
                        .toArray(String[]::new));
    }

    @Test
    void aTenantsWholeLife() throws IOException {
        String operator = HOST.operator().token();
        String token = ok(operator, "tenant", "create", "alice", "-q", "--memory", "1GiB")
                .strip();
        assertThat(ok(operator, "tenant", "list")).contains("alice");
        assertThat(ok(token, "tenant", "show", "alice")).contains("1 GiB");

        Files.writeString(site.resolve("index.html"), "hello by the command line");
        Path run = Files.writeString(
                site.resolve("run.sh"), "#!/bin/sh\necho starting\nexec python3 -m http.server $PORT\n");
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-xr-x"));
        String deployed = ok(
                token,
                "deploy",
                "alice/site",
                site.toString(),
                "--port",
                "8080",
                "--memory",
                "64MiB",
                "-e",
                "A=b",
                "--",
                "./run.sh");
        assertThat(deployed).contains("Release 1 of alice/site is live").contains("http://");
        String url = ok(token, "app", "alice/site", "--url-only").strip();
        assertThat(Shell.curl(url)).isEqualTo("hello by the command line");

        assertThat(ok(token, "scale", "alice/site", "web=2")).contains("2 of 2 running");
        for (String[] ps : new String[][] {{"ps"}, {"ps", "site"}, {"ps", "alice/site"}, {"ps", "-t", "alice"}}) {
            assertThat(ok(token, ps)).contains("alice/site").contains("running");
        }
        assertThat(ok(operator, "ps", "-t", "alice")).contains("alice/site");
        assertThat(ok(token, "apps")).contains("alice/site");
        assertThat(ok(token, "events")).contains("release.live");
        assertThat(ok(token, "app", "site")).contains("alice/site");
        assertThat(ok(token, "whoami")).startsWith("tenant alice");
        assertThat(ok(operator, "whoami")).startsWith("the operator");
        assertThat(hostel(operator, "app", "site").output()).contains("TENANT/site");
        assertThat(ok(token, "exec", "alice/site", "--", "printenv", "A")).isEqualTo("b\n");
        assertThat(hostel(token, "exec", "alice/site", "--", "sh", "-c", "exit 42")
                        .code())
                .isEqualTo(42);
        assertThat(ok(token, "logs", "alice/site")).contains("starting");
        assertThat(ok(token, "restart", "alice/site")).contains("Restarted");
        assertThat(ok(token, "apps", "alice", "-o", "json")).contains("\"publishedPort\"");
        assertThat(ok(token, "releases", "alice/site")).contains("live");
        assertThat(ok(token, "events", "alice")).contains("release.");
        assertThat(ok(operator, "doctor")).contains("Healthy");
        assertThat(ok(operator, "capabilities")).contains("namespaces");
        assertThat(ok(token, "rollback", "alice/site", "1")).contains("Release 2 of alice/site is live");
        assertThat(ok(operator, "tenant", "quota", "alice", "--memory", "2GiB")).contains("2 GiB");
        ok(token, "delete", "alice/site");
        ok(operator, "tenant", "delete", "alice");
        assertThat(hostel(operator, "tenant", "show", "alice").code()).isEqualTo(1);
    }

    @Test
    void aSpecFileInTheDirectoryIsEnough() throws IOException {
        String token =
                ok(HOST.operator().token(), "tenant", "create", "bob", "-q").strip();
        for (String demo : List.of("guestbook", "clock")) {
            String source = Shell.root().resolve("ops/demo").resolve(demo).toString();
            assertThat(ok(token, "deploy", "bob/" + demo, source)).contains("is live");
            String url = ok(token, "app", "bob/" + demo, "--url-only").strip();
            assertThat(Shell.curl(url)).contains("sandbox");
        }
        ok(HOST.operator().token(), "tenant", "delete", "bob");
    }

    @Test
    void errorsAreSentencesWithTheFieldsThatAreWrong() {
        String token =
                ok(HOST.operator().token(), "tenant", "create", "carol", "-q").strip();
        Shell.Outcome refused = hostel(token, "deploy", "carol/site", "none", "--port", "0", "--", "true");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.output()).contains("/processes/web/port").doesNotContain("\tat ");
        Shell.Outcome failed = hostel(
                token,
                "deploy",
                "carol/site",
                "none",
                "--port",
                "80",
                "--startup",
                "2s",
                "--",
                "sh",
                "-c",
                "echo alas; exit 3");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.output()).contains("failed").contains("alas");
        assertThat(hostel("nonsense", "tenant", "show", "carol").code()).isEqualTo(1);
        assertThat(hostel(token, "frobnicate").code()).isEqualTo(2);
        assertThat(hostel(token, "exec", "carol/none", "--", "true").code()).isEqualTo(125);
        assertThat(hostel(token, "--url", "http://127.0.0.1:1", "apps", "carol").code())
                .isEqualTo(3);
        ok(HOST.operator().token(), "tenant", "delete", "carol");
    }

    /** Written by a tenant, read by an operator at a terminal (script(1) makes one): a title, a bell, C1, and text turned round. */
    @Test
    void whatTenantsWriteCommandsNoTerminal() {
        String operator = HOST.operator().token();
        String token = ok(operator, "tenant", "create", "dave", "-q").strip();
        String line = "\\033]0;title\\007 \\302\\233 \\342\\200\\256end\\n";
        ok(token, "deploy", "dave/odd", "none", "--", "sh", "-c", "printf '" + line + "'; exec sleep 1000");
        HOST.operator()
                .post("/v1/tenants/dave/tokens", Map.of("label", "a\u009bb\u202ec"))
                .is(201);
        String shown = "\\x1b]0;title\\x07 \\u009b \\u202eend";
        String raw = "\u001b]0;title\u0007 \u009b \u202eend";

        assertThat(ok(token, "logs", "dave/odd")).contains(raw);
        assertThat(onATerminal(token, "logs", "dave/odd")).contains(shown).doesNotContain("\u001b", "\u009b", "\u202e");
        assertThat(onATerminal(token, "logs", "--raw", "dave/odd")).contains(raw);
        assertThat(onATerminal(token, "exec", "dave/odd", "--", "printf", line)).contains(shown);
        assertThat(onATerminal(operator, "token", "list", "dave")).contains("a\\u009bb\\u202ec");
        assertThat(onATerminal(token, "deploy", "dave/bad", "none", "--", "sh", "-c", "printf '" + line + "' >&2; exit 3"))
                .contains("failed", shown)
                .doesNotContain("\u001b");
        assertThat(onATerminal(operator, "events", "dave")).contains(shown).doesNotContain("\u001b", "\u009b", "\u202e");
        assertThat(onATerminal(operator, "tenant", "delete", "dave")).contains("Type dave to confirm", "nothing was deleted");
        ok(operator, "tenant", "delete", "dave");
    }

    private static String onATerminal(String token, String... arguments) {
        StringBuilder command = new StringBuilder(
                "'" + Shell.root().resolve("ops/hostel").toString() + "'");
        for (String argument : arguments) {
            command.append(" '").append(argument.replace("'", "'\\''")).append("'");
        }
        return Shell.outcome(
                        Map.of("HOSTEL_URL", HOST.daemon().api(), "HOSTEL_TOKEN", token),
                        "script",
                        "-qec",
                        command.toString(),
                        "/dev/null")
                .output();
    }
}
