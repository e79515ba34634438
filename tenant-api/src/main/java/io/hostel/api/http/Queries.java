package io.hostel.api.http;

import akka.http.javadsl.model.HttpRequest;
import akka.http.scaladsl.model.IllegalUriException;
import akka.japi.Pair;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads the parameters behind the question mark. */
final class Queries {
    private Queries() {}

    /** Fails where there is one that is not known, or twice. */
    static Map<String, String> of(HttpRequest request, Set<String> known) {
        FieldProblems problems = new FieldProblems();
        Map<String, String> values = new HashMap<>();
        try {
            for (Pair<String, String> parameter : request.getUri().query().toList()) {
                String name = parameter.first();
                if (!known.contains(name)) {
                    problems.add("?" + name, "is no parameter of this call");
                } else if (values.put(name, parameter.second()) != null) {
                    problems.add("?" + name, "is there twice");
                }
            }
        } catch (IllegalUriException e) {
            throw new Problem.Refused(Problem.malformed("the query is not well formed"));
        }
        problems.refuse();
        return values;
    }
}
