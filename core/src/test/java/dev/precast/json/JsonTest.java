package dev.precast.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.testing.Scale;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void members_are_sorted_by_utf_16_as_in_rfc_8785() {
        // RFC 8785, 3.2.3.
        String json = "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
                + "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
                + "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
                + "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";

        assertThat(Json.parse(json).canonical())
                .isEqualTo("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                        + "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
                        + "\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
    }

    @Test
    void strings_are_escaped_as_in_rfc_8785() {
        // RFC 8785, 3.2.2, without its numbers, which are no integers.
        String json = "{ \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                + " \"literals\": [null, true, false] }";

        assertThat(Json.parse(json).canonical())
                .isEqualTo("{\"literals\":[null,true,false],\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    @Test
    void control_characters_have_their_shortest_escape() {
        assertThat(Json.of("\0\u0007\b\t\n\u000b\f\r\u001f\u007f").canonical())
                .isEqualTo("\"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001f\u007f\"");
    }

    @ParameterizedTest
    @CsvSource({"0,0", "-0,0", "9007199254740991,9007199254740991", "-9007199254740991,-9007199254740991"})
    void integers_up_to_2_to_the_53_are_numbers(String text, String canonical) {
        assertThat(Json.parse(text).canonical()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740992",
                "-9007199254740992",
                "9223372036854775808",
                "18446744073709551616",
                "100000000000000000000000000000000000000000000000",
                "1.0",
                "1e2",
                "0.1",
                "01",
                "+1",
                "NaN",
                "Infinity",
                "0x10",
                "-",
            })
    void other_numbers_are_refused(String text) {
        refused(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1",
                "[1,]",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{\"a\" 1}",
                "{\"a\":}",
                "// x\n1",
                "/* x */1",
                "1 2",
                "{}{}",
                "nul",
                "True",
                "\"\t\"",
                "\"\n\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"open",
                "\ufeff{}",
                "]",
                "}",
            })
    void lenient_json_is_refused(String text) {
        refused(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"\\u0061\":3}", "{\"x\":[{\"a\":{},\"a\":{}}]}"})
    void a_duplicate_member_is_refused(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("duplicate member \"a\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\ud800\"",
                "\"\\udc00\"",
                "\"\\ude00\\ud83d\"",
                "\"x\\ud83d\"",
                "{\"\\ud800\":1}",
                "[\"\\ud800a\"]"
            })
    void lone_surrogates_are_refused(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("lone surrogate");
    }

    @Test
    void values_made_in_code_follow_the_same_rules() {
        assertThatThrownBy(() -> Json.of("\ud800")).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> JsonObject.EMPTY.with("\udc00", 1)).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> Json.of(Json.MAX_INT + 1)).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> Json.of(Long.MIN_VALUE)).isInstanceOf(JsonException.class);
    }

    @Test
    void sixty_four_levels_are_read_and_one_more_is_not() {
        assertThat(Json.parse("[".repeat(64) + "]".repeat(64))).isInstanceOf(Json.Array.class);
        refused("[".repeat(65) + "]".repeat(65));
        refused("{\"a\":".repeat(65) + "1" + "}".repeat(65));
        refused("[".repeat(100_000));
    }

    @Test
    void malformed_utf_8_is_refused() {
        byte[][] malformed = {
            {'"', (byte) 0xff, '"'},
            {'"', (byte) 0xc0, (byte) 0x80, '"'},
            {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
            {'"', (byte) 0xc3},
        };
        for (byte[] bytes : malformed) {
            assertThatThrownBy(() -> Json.parse(bytes))
                    .isInstanceOf(JsonException.class)
                    .hasMessage("JSON: not valid UTF-8");
        }
    }

    @Test
    void a_canonical_text_is_read_back_to_the_same_text() {
        Random random = Scale.random(JsonTest.class);
        for (int round = 0; round < Scale.of(500, 2_000); round++) {
            Json value = random(random, 4);
            String canonical = value.canonical();

            assertThat(Json.parse(canonical)).isEqualTo(value);
            assertThat(Json.parse(canonical.getBytes(StandardCharsets.UTF_8)).canonical())
                    .isEqualTo(canonical);
        }
    }

    @Test
    void random_damage_gives_a_json_exception_or_a_value() {
        byte[] text = Json.parse("{\"a\":[1,true,null,{\"b\":\"\\u20acx\\n\"}],\"c\":-12345}")
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        Random random = Scale.random(JsonTest.class);
        for (int round = 0; round < Scale.of(5_000, 20_000); round++) {
            byte[] damaged = text.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                Json value = Json.parse(damaged);
                assertThat(Json.parse(value.canonical())).isEqualTo(value);
            } catch (JsonException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void a_member_of_another_kind_is_named_with_what_was_found() {
        JsonObject object = Json.parse("{\"a\":[1],\"n\":7}").asObject("it");

        assertThatThrownBy(() -> object.string("a")).hasMessage("a: expected a string, found [1]");
        assertThatThrownBy(() -> object.object("a")).hasMessage("a: expected an object, found [1]");
        assertThatThrownBy(() -> object.array("n")).hasMessage("n: expected an array, found 7");
        assertThatThrownBy(() -> object.integer("n", 1, 6)).hasMessage("n: expected an integer from 1 to 6, found 7");
        assertThatThrownBy(() -> object.get("b")).hasMessage("b: missing");
        assertThatThrownBy(() -> object.only("it", Set.of("a", "c")))
                .hasMessage("it: unknown member \"n\"; known members: [a, c]");
        assertThat(object.find("b")).isEmpty();
        assertThat(object.integer("n", 7, 7)).isEqualTo(7);
    }

    private static Json random(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> Json.of(random.nextLong() % (Json.MAX_INT + 1));
            case 1 -> Json.of(random.nextBoolean());
            case 2 -> Json.Null.NULL;
            case 3 -> Json.of(text(random));
            case 4 -> {
                List<Json> items = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    items.add(random(random, depth - 1));
                }
                yield Json.of(items);
            }
            default -> {
                Map<String, Json> members = new TreeMap<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    members.put(text(random), random(random, depth - 1));
                }
                yield new JsonObject(members);
            }
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            int c = random.nextInt(random.nextBoolean() ? 0x80 : Character.MAX_CODE_POINT + 1);
            text.appendCodePoint(c >= 0xd800 && c < 0xe000 ? 'x' : c);
        }
        return text.toString();
    }

    private static void refused(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(JsonException.class);
    }
}
