package io.hostel.api.http;

import io.hostel.api.Refusal.FieldProblem;
import io.hostel.api.Refusal.Invalid;
import io.hostel.api.RefusedException;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a request, gathered while it is read, so that all of it is told at once. */
final class FieldProblems {
    private static final int MOST = 100; // an answer stays small however bad the request is

    private final List<FieldProblem> problems = new ArrayList<>();

    void add(String pointer, String detail) {
        if (problems.size() < MOST) {
            problems.add(new FieldProblem(pointer, detail));
        }
    }

    List<FieldProblem> all() {
        return List.copyOf(problems);
    }

    /** @throws RefusedException with {@link Invalid} where there is any problem */
    void refuse() {
        if (!problems.isEmpty()) {
            String first = problems.get(0).pointer() + " " + problems.get(0).detail();
            throw new RefusedException(new Invalid(
                    problems.size() == 1 ? first : problems.size() + " fields will not do; " + first, problems));
        }
    }
}
