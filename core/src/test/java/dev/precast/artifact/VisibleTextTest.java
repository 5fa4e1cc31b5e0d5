package dev.precast.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VisibleTextTest {
    /** Control characters, and all that Unicode calls bidirectional controls or default ignorable. */
    private static boolean isDangerous(int c) {
        return Character.isISOControl(c)
                || c == 0xad
                || c == 0x61c
                || (c >= 0x200b && c <= 0x200f)
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x206f && c != 0x2065)
                || (c >= 0xd800 && c <= 0xf8ff)
                || c == 0xfeff
                || (c >= 0xe0020 && c <= 0xe007f);
    }

    @Test
    void of_all_of_Unicode_no_dangerous_character_remains_and_letters_do() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = "a" + Character.toString(c) + "z";
            String line = VisibleText.line(text);
            if (isDangerous(c)) {
                assertThat(line).as("U+%04X", c).matches("a(\\\\u[0-9a-f]{4}){1,2}z");
            } else if (Character.isLetterOrDigit(c) || Character.isSpaceChar(c)) {
                assertThat(line).as("U+%04X", c).isEqualTo(text);
            }
        }
    }

    @Test
    void line_feeds_and_tabs_remain_in_texts_of_several_lines() {
        assertThat(VisibleText.of("a\tb\nc\r\u001b")).isEqualTo("a\tb\nc\\u000d\\u001b");
        assertThat(VisibleText.line("a\tb\nc")).isEqualTo("a\\u0009b\\u000ac");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\u001b]0;x\u0007", "\u009b2J", "\u202e", "\ud83d\ude00", "\udb40\udc41", "\ufeff", "\u007f"})
    void a_JSON_document_keeps_its_meaning(String text) {
        JsonObject document = JsonObject.EMPTY.with("text", "a" + text + "z");

        byte[] shown = VisibleText.line(document.canonical()).getBytes(StandardCharsets.UTF_8);

        assertThat(Json.parse(shown)).isEqualTo(document);
    }
}
