package io.hostel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTextTest {
    @ParameterizedTest
    @CsvSource({
        "001b, \\x1b",
        "0007, \\x07",
        "0000, \\x00",
        "0008, \\x08",
        "007f, \\x7f",
        "0080, \\u0080",
        "0085, \\u0085",
        "009b, \\u009b",
        "009f, \\u009f",
        "00ad, \\u00ad",
        "061c, \\u061c",
        "200b, \\u200b",
        "200e, \\u200e",
        "200f, \\u200f",
        "2028, \\u2028",
        "202a, \\u202a",
        "202e, \\u202e",
        "2066, \\u2066",
        "2069, \\u2069",
        "feff, \\ufeff",
        "e0041, \\ue0041",
    })
    void whatIsNoPrintedCharacterIsShownByItsNumber(String codePoint, String shown) {
        assertThat(shown("a" + Character.toString(Integer.parseInt(codePoint, 16)) + "b"))
                .isEqualTo("a" + shown + "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "a\tb\nc\r\nd", "Grüße", "日本語", "سلام", "می\u200cخواهم", "👩\u200d🚀", "\\x1b", ""})
    void textStays(String text) {
        assertThat(shown(text)).isEqualTo(text);
    }

    @Test
    void aCarriageReturnThatWouldWriteOverTheLineIsShown() {
        assertThat(shown("all is well\rx\r\r\n")).isEqualTo("all is well\\rx\\r\r\n");
    }

    @Test
    void whatIsWrittenInPiecesIsJudgedAsAWhole() {
        StringWriter there = new StringWriter();
        PrintWriter out = new PrintWriter(new TerminalText(there));
        for (char each : "\u001b[2J👩 \uD83D!\r\n".toCharArray()) {
            out.write(each);
        }
        out.flush();

        assertThat(there.toString()).isEqualTo("\\x1b[2J👩 \\ud83d!\r\n");
    }

    @Test
    void aFileAndDevNullAreNoTerminals() {
        assertThat(TerminalText.at(0)).isFalse();
        assertThat(TerminalText.at(99)).isFalse();
    }

    private static String shown(String text) {
        StringWriter there = new StringWriter();
        PrintWriter out = new PrintWriter(new TerminalText(there));
        out.print(text);
        out.flush();
        return there.toString();
    }
}
