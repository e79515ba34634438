package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tenants, for the operator; a tenant may look at itself. */
@Command(
        name = "tenant",
        description = "Creates, shows and deletes tenants.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TenantCommand.Create.class,
            TenantCommand.ListAll.class,
            TenantCommand.Show.class,
            TenantCommand.ChangeQuota.class,
            TenantCommand.Delete.class
        })
final class TenantCommand {

    private abstract static class OneTenant extends HostCommand {
        @Parameters(index = "0", paramLabel = "TENANT", description = "a DNS label of at most 30 characters")
        @SuppressWarnings("NullAway.Init") // picocli sets it before call()
        String tenant;

        String path() {
            return "/v1/tenants/" + Connection.encode(tenant);
        }
    }

    @Command(name = "create", description = "Creates a tenant and shows its token, this once.")
    static final class Create extends OneTenant {
        @Option(
                names = {"-q", "--quiet"},
                description = "prints the token and nothing else")
        boolean quiet;

        @Mixin
        QuotaFlags quota = new QuotaFlags();

        @Override
        int run() {
            ObjectNode body = object().put("id", tenant);
            ObjectNode wanted = quota.json();
            if (!wanted.isEmpty()) {
                body.set("quota", wanted);
            }
            JsonNode answer = host().send("POST", "/v1/tenants", body);
            String token = answer.path("token").asText();
            return show(answer, () -> {
                if (quiet) {
                    out().println(token);
                } else {
                    out().println("Tenant " + tenant + " has the addresses "
                            + answer.path("subnet").asText());
                    out().println("Its token, shown this once: " + token);
                }
            });
        }
    }

    @Command(name = "list", description = "Lists all tenants.")
    static final class ListAll extends HostCommand {
        @Override
        int run() {
            JsonNode answer = host().get("/v1/tenants");
            return show(answer, () -> {
                Table table = new Table("TENANT", "SUBNET", "UIDS", "SANDBOXES", "MEMORY", "CPUS");
                for (JsonNode one : answer.path("items")) {
                    JsonNode usage = one.path("usage");
                    JsonNode limit = one.path("quota");
                    table.row(
                            one.path("id").asText(),
                            one.path("subnet").asText(),
                            one.path("uidBase").asText(),
                            usage.path("sandboxes").asText() + "/"
                                    + limit.path("sandboxes").asText(),
                            Units.size(usage.path("memory").asLong()) + "/"
                                    + Units.size(limit.path("memory").asLong()),
                            usage.path("cpus").asText() + "/"
                                    + limit.path("cpus").asText());
                }
                table.print(out());
            });
        }
    }

    @Command(name = "show", description = "Shows a tenant: its subnet, uids, quota and usage.")
    static final class Show extends OneTenant {
        @Override
        int run() {
            JsonNode answer = host().get(path());
            return show(answer, () -> TenantText.print(answer, out()));
        }
    }

    @Command(name = "quota", description = "Changes a tenant's quota.")
    static final class ChangeQuota extends OneTenant {
        @Mixin
        QuotaFlags quota = new QuotaFlags();

        @Override
        int run() {
            ObjectNode wanted = quota.json();
            if (wanted.isEmpty()) {
                throw new Trouble(2, "say what to change, e.g. --memory 2GiB");
            }
            JsonNode answer = host().send("PATCH", path(), object().set("quota", wanted));
            return show(answer, () -> TenantText.print(answer, out()));
        }
    }

    @Command(name = "delete", description = "Deletes a tenant and everything that is its own.")
    static final class Delete extends OneTenant {
        @Mixin
        Confirmation confirmation = new Confirmation();

        @Override
        int run() {
            confirmation.require("Delete tenant " + tenant + " with all its apps, artifacts and logs?", tenant);
            return show(host().delete(path() + "?wait=120s"), "Deleted " + tenant);
        }
    }
}
