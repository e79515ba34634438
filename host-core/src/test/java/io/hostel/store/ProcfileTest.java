package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.ArtifactStore.ProcfileEntry;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcfileTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Stream<String> problems(byte[] procfile) {
        try {
            Procfile.parse(procfile);
            return Stream.of();
        } catch (RefusedException e) {
            return ((Refusal.Invalid) e.refusal()).problems().stream().map(Refusal.FieldProblem::detail);
        }
    }

    @Test
    void aByteOrderMarkAndLineEndsOfOtherSystemsAreNoPartOfIt() {
        assertThat(Procfile.parse(utf8("\ufeffweb: a\r\n\r\n  # no\r\nworker: b c\r\n")))
                .containsExactly(new ProcfileEntry("web", "a"), new ProcfileEntry("worker", "b c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"web ./serve", ": ./serve", "bad name: x", "web:", "web:   ", "web/x: y"})
    void aLineThatIsNoneIsNamed(String line) {
        assertThat(problems(utf8("worker: x\n\n" + line + "\n"))).singleElement().asString().contains("line 3");
    }

    @Test
    void whatNoCommandCanHaveIsNamed() {
        assertThat(problems(utf8("web: a\nworker: b\0c\n"))).singleElement().asString().contains("line 2", "NUL");
    }

    @Test
    void everyBadLineIsNamedAtOnce() {
        assertThat(problems(utf8("web: a\nnothing\nweb: b\n")))
                .satisfiesExactly(
                        one -> assertThat(one).contains("line 2", "nothing"),
                        two -> assertThat(two).contains("line 3", "web a second time"));
    }

    @Test
    void whatIsNoUtf8IsNamed() {
        assertThat(problems("web: a\nworker: caf\u00e9\n".getBytes(Charset.forName("ISO-8859-1"))))
                .singleElement()
                .asString()
                .contains("line 2", "UTF-8");
        assertThat(Procfile.parse(utf8("web: caf\u00e9"))).containsExactly(new ProcfileEntry("web", "caf\u00e9"));
    }

    @Test
    void theRefusalPointsAtTheArtifact() {
        assertThatThrownBy(() -> Procfile.parse(utf8("x")))
                .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(
                                ((Refusal.Invalid) e.refusal()).problems().get(0).pointer())
                        .isEqualTo("/artifact"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '\u00a6',
            quoteCharacter = '~',
            textBlock =
                    """
                    python3 term.py                  ¦ exec python3 term.py
                    ./serve --port $PORT             ¦ exec ./serve --port $PORT
                    ./serve ${PORT} '; &'            ¦ exec ./serve ${PORT} '; &'
                    ./serve "a|b" c\\;d               ¦ exec ./serve "a|b" c\\;d
                    A=1 B='x y' ./serve              ¦ A=1 B='x y' exec ./serve
                    OPTS=$X A="b c" java -jar a.jar  ¦ OPTS=$X A="b c" exec java -jar a.jar
                    A=1                              ¦ A=1
                    cd x && ./serve                  ¦ cd x && ./serve
                    a; b                             ¦ a; b

                    a | b                            ¦ a | b
                    a &                              ¦ a &
                    a > log                          ¦ a > log
                    (a)                              ¦ (a)
                    { a; }                           ¦ { a; }
                    exec ./serve                     ¦ exec ./serve
                    if true                          ¦ if true
                    . ./env                          ¦ . ./env
                    a $(b) c                         ¦ a $(b) c
                    a `b`                            ¦ a `b`
                    a "it's                          ¦ a "it's
                    """)
    void oneSimpleCommandReplacesItsShell(String line, String script) {
        assertThat(new ProcfileEntry("web", line).command()).containsExactly("/bin/sh", "-c", script);
    }
}
