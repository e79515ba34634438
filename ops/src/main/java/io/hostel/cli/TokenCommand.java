package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A tenant's further tokens. */
@Command(
        name = "token",
        description = "Creates, lists and revokes a tenant's tokens.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TokenCommand.Create.class, TokenCommand.ListAll.class, TokenCommand.Delete.class})
final class TokenCommand {

    private abstract static class OfTenant extends HostCommand {
        @Parameters(index = "0", paramLabel = "TENANT", description = "whose tokens")
        @SuppressWarnings("NullAway.Init") // picocli sets it before call()
        String tenant;

        String path() {
            return "/v1/tenants/" + Connection.encode(tenant) + "/tokens";
        }
    }

    @Command(name = "create", description = "Creates a token and shows it, this once.")
    static final class Create extends OfTenant {
        @Option(names = "--label", paramLabel = "TEXT", required = true, description = "what it is for")
        String label = "";

        @Option(names = "--expires-in", paramLabel = "DURATION", description = "e.g. 720h; never unless given")
        @Nullable
        String expiresIn;

        @Option(
                names = {"-q", "--quiet"},
                description = "prints the token and nothing else")
        boolean quiet;

        @Override
        int run() {
            ObjectNode body = object().put("label", label);
            if (expiresIn != null) {
                body.put("expiresIn", expiresIn);
            }
            JsonNode answer = host().send("POST", path(), body);
            String token = answer.path("token").asText();
            return show(answer, quiet ? token : "Token " + answer.path("id").asText() + ", shown this once: " + token);
        }
    }

    @Command(name = "list", description = "Lists tokens; their secrets are not kept.")
    static final class ListAll extends OfTenant {
        @Override
        int run() {
            JsonNode answer = host().get(path());
            return show(answer, () -> {
                Table table = new Table("ID", "LABEL", "CREATED", "EXPIRES");
                for (JsonNode one : answer.path("items")) {
                    table.row(
                            one.path("id").asText(),
                            one.path("label").asText(),
                            one.path("createdAt").asText(),
                            one.path("expiresAt").asText("never"));
                }
                table.print(out());
            });
        }
    }

    @Command(name = "delete", description = "Revokes a token.")
    static final class Delete extends OfTenant {
        @Parameters(index = "1", paramLabel = "ID", description = "the token's id")
        String id = "";

        @Override
        int run() {
            return show(host().delete(path() + "/" + Connection.encode(id)), "Revoked " + id);
        }
    }
}
