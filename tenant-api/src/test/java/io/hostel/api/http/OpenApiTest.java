package io.hostel.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The description and the calls that are served are compared in both directions. */
final class OpenApiTest {
    private static final ServedApi SERVED = new ServedApi(true);
    private static JsonNode document = Json.tree("");

    @BeforeAll
    static void read() throws Json.MalformedException {
        document = Json.read(OpenApi.text());
    }

    @AfterAll
    static void close() {
        SERVED.close();
    }

    private static JsonNode operation(Call call) {
        return document.path("paths")
                .path(call.path().toString())
                .path(call.method().toLowerCase(Locale.ROOT));
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> parameters(Call call, String in) {
        Set<String> names = new TreeSet<>();
        for (JsonNode parameter : operation(call).path("parameters")) {
            if (in.equals(resolve(parameter).path("in").asText())) {
                names.add(resolve(parameter).path("name").asText());
            }
        }
        return names;
    }

    private static JsonNode resolve(JsonNode node) {
        String to = node.path("$ref").asText();
        return to.isEmpty() ? node : document.at(to.substring(1));
    }

    @Test
    void everyCallIsDescribedAndEverythingDescribedIsServed() {
        Set<String> served = new TreeSet<>();
        SERVED.api.calls().forEach(call -> served.add(call.method() + " " + call.path()));
        Set<String> described = new TreeSet<>();
        document.path("paths")
                .fields()
                .forEachRemaining(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(described).isEqualTo(served).hasSize(SERVED.api.calls().size());
    }

    @Test
    void theParametersDescribedAreThoseThatAreTaken() {
        for (Call call : SERVED.api.calls()) {
            String what = call.method() + " " + call.path();
            assertThat(parameters(call, "query")).as(what).isEqualTo(new TreeSet<>(call.query()));
            assertThat(parameters(call, "path"))
                    .as(what)
                    .isEqualTo(new TreeSet<>(call.path()
                            .match(call.path().segments())
                            .orElseThrow()
                            .keySet()));
            assertThat(parameters(call, "header"))
                    .as(what)
                    .isEqualTo(call.changes() ? Set.of("Idempotency-Key") : Set.of());
        }
    }

    @Test
    void theBodiesAndTheRightsDescribedAreThoseThatAreAskedFor() {
        for (Call call : SERVED.api.calls()) {
            String what = call.method() + " " + call.path();
            Set<String> types = names(operation(call).path("requestBody").path("content"));
            assertThat(types)
                    .as(what)
                    .isEqualTo(
                            switch (call.body()) {
                                case NOTHING -> Set.of();
                                case JSON -> Set.of("application/json");
                                case STREAM -> Set.of("application/gzip", "application/x-tar", "application/zstd");
                            });
            boolean open = call.access() == Access.OPEN || call.access() == Access.OPEN_OR_OPERATOR;
            assertThat(operation(call).has("security")).as(what).isEqualTo(open);
            boolean operators = call.access() == Access.OPERATOR || call.access() == Access.TENANT_BY_OPERATOR;
            assertThat(operation(call).path("summary").asText().endsWith("Operator only."))
                    .as(what)
                    .isEqualTo(operators);
        }
    }

    @Test
    void whatAnyCallMayBeRefusedWithIsDescribed() {
        for (Call call : SERVED.api.calls()) {
            String what = call.method() + " " + call.path();
            JsonNode responses = operation(call).path("responses");
            assertThat(names(responses)).as(what).contains("429", "431");
            assertThat(names(resolve(responses.path("429")).path("headers")))
                    .as(what)
                    .containsExactly("Retry-After");
            assertThat(responses.has("409")).as(what).isEqualTo(call.changes());
            boolean open = call.access() == Access.OPEN || call.access() == Access.OPEN_OR_OPERATOR;
            assertThat(responses.has("421")).as(what).isEqualTo(open);
        }
        assertThat(document.at("/components/responses/Conflict/description").asText())
                .contains("answer-not-kept");
    }

    @Test
    void everyReferenceLeadsSomewhereAndEverySchemaIsUsed() {
        List<String> references = document.findValuesAsText("$ref");
        assertThat(references)
                .allSatisfy(to -> assertThat(document.at(to.substring(1)).isMissingNode())
                        .as(to)
                        .isFalse());
        Set<String> used = new TreeSet<>();
        references.stream()
                .filter(to -> to.startsWith("#/components/schemas/"))
                .forEach(to -> used.add(to.substring("#/components/schemas/".length())));
        assertThat(names(document.path("components").path("schemas"))).isEqualTo(used);
    }

    @Test
    void whatIsAnsweredFitsItsSchema() {
        SERVED.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}");
        SERVED.json("POST", "/v1/tenants/ann/tokens", "op", "{\"label\":\"ci\",\"expiresIn\":\"1d\"}");
        SERVED.json("POST", "/v1/tenants/ann/apps/shop/releases?wait=1s", "op", HttpApiTest.SPEC);
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        for (Call call : SERVED.api.calls()) {
            JsonNode schema = operation(call)
                    .path("responses")
                    .path("200")
                    .path("content")
                    .path("application/json")
                    .path("schema");
            if (!call.method().equals("GET") || schema.isMissingNode()) {
                continue;
            }
            String path = call.path()
                    .toString()
                    .replace("{tenant}", "ann")
                    .replace("{app}", "shop")
                    .replace("{sandbox}", "h0abcdefghij")
                    .replace("{release}", "1");
            check(SERVED.get(path, "op").json(), schema, call.path().toString(), wrong);
            checked++;
        }
        assertThat(wrong).isEmpty();
        assertThat(checked).isGreaterThan(12);
    }

    @Test
    void theSpecsFieldsAreThoseThatAreRead() {
        JsonNode process = document.at("/components/schemas/Process/properties");
        String all =
                "{\"processes\":{\"p\":{\"nonsense\":1,\"limits\":{\"nonsense\":1},\"health\":{\"nonsense\":1}}},\"nonsense\":1}";
        JsonNode errors = SERVED.json("POST", "/v1/tenants/ann/apps/shop/releases", "op", all)
                .json()
                .path("errors");
        assertThat(listed(errors, "/nonsense"))
                .isEqualTo(names(document.at("/components/schemas/ReleaseSpec/properties")));
        assertThat(listed(errors, "/processes/p/nonsense")).isEqualTo(names(process));
        assertThat(listed(errors, "/processes/p/limits/nonsense"))
                .isEqualTo(names(document.at("/components/schemas/Limits/properties")));
        assertThat(listed(errors, "/processes/p/health/nonsense"))
                .isEqualTo(names(document.at("/components/schemas/Health/properties")));
    }

    private static Set<String> listed(JsonNode errors, String pointer) {
        for (JsonNode error : errors) {
            if (error.path("pointer").asText().equals(pointer)) {
                String detail = error.path("detail").asText();
                return new TreeSet<>(List.of(
                        detail.substring(detail.indexOf("there are ") + 10).split(", ", -1)));
            }
        }
        return Set.of();
    }

    /** The part of JSON Schema that the document uses for answers: types, properties, required, items. */
    private static void check(JsonNode value, JsonNode reference, String at, List<String> wrong) {
        JsonNode schema = resolve(reference);
        String type = schema.path("type").asText();
        boolean fits = switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            default -> true;
        };
        if (!fits) {
            wrong.add(at + " is no " + type + ": " + value);
        }
        schema.path("required").forEach(name -> {
            if (!value.has(name.asText())) {
                wrong.add(at + " lacks " + name.asText());
            }
        });
        JsonNode properties = schema.path("properties");
        JsonNode others = schema.path("additionalProperties");
        value.fields().forEachRemaining(field -> {
            if (properties.has(field.getKey())) {
                check(field.getValue(), properties.path(field.getKey()), at + "/" + field.getKey(), wrong);
            } else if (others.isObject()) {
                check(field.getValue(), others, at + "/" + field.getKey(), wrong);
            } else if (!properties.isMissingNode()) {
                wrong.add(at + " has " + field.getKey() + ", which is not described");
            }
        });
        value.elements().forEachRemaining(element -> {
            if (value.isArray()) {
                check(element, schema.path("items"), at + "/*", wrong);
            }
        });
    }
}
