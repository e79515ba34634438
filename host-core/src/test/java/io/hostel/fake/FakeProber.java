package io.hostel.fake;

import io.hostel.sandbox.Prober;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Questions wait until a test answers them, unless it has said what the answer always is. */
public final class FakeProber implements Prober {
    private final List<Question> open = new ArrayList<>();
    private final List<Duration> delays = new ArrayList<>();
    private Optional<Answer> first = Optional.empty();

    private record Question(Target target, CompletableFuture<Answer> answer) {}

    @Override
    public synchronized CompletionStage<Answer> probe(Target target, Duration delay, Duration timeout) {
        delays.add(delay);
        notifyAll();
        if (delay.isZero() && first.isPresent()) {
            return CompletableFuture.completedFuture(first.get());
        }
        Question question = new Question(target, new CompletableFuture<>());
        open.add(question);
        return question.answer();
    }

    @Override
    public CompletionStage<Answer> probeStarting(Target target, Duration timeout) {
        return probe(target, Duration.ZERO, timeout);
    }

    /** Undelayed questions, the first of each launch, are answered so at once; the others wait. */
    public synchronized void answerFirst(Answer answer) {
        first = Optional.of(answer);
    }

    /** Waits for a question, at most three seconds, and answers it. */
    public void answer(Answer answer) throws InterruptedException {
        Question question;
        synchronized (this) {
            for (int i = 0; i < 30 && open.isEmpty(); i++) {
                wait(100);
            }
            if (open.isEmpty()) {
                throw new AssertionError("nobody asked");
            }
            question = open.remove(0);
        }
        question.answer().complete(answer);
    }

    public synchronized List<Duration> delays() {
        return List.copyOf(delays);
    }
}
