package dev.precast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CleanStreamTest {
    private static final String EVIL = "ä\u001b]0;x\u0007\u009b\u202e\r😀";
    private static final String SHOWN = "ä\\u001b]0;x\\u0007\\u009b\\u202e\\u000d😀";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CleanStream stream = CleanStream.of(new PrintStream(bytes, true, UTF_8));

    @Test
    void each_way_to_print_is_cleaned() {
        stream.print(EVIL);
        stream.println(EVIL);
        stream.println((Object) EVIL);
        stream.print(EVIL.toCharArray());
        stream.append(EVIL).append(EVIL, 0, EVIL.length());
        stream.printf("%s\n", EVIL);
        stream.writeBytes(EVIL.getBytes(UTF_8));
        for (byte b : EVIL.getBytes(UTF_8)) {
            stream.write(b);
        }
        stream.print('\u001b');
        new Exception(EVIL).printStackTrace(stream);

        String shown = bytes.toString(UTF_8);
        assertThat(shown.chars().filter(c -> Character.isISOControl(c) && c != '\n' && c != '\t'))
                .isEmpty();
        assertThat(shown.split("😀", -1)).hasSize(11);
        assertThat(shown).startsWith(SHOWN + SHOWN + "\n" + SHOWN + "\n").doesNotContain("\u202e", "\ufffd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"US-ASCII", "ISO-8859-1", "UTF-16BE"})
    void the_streams_own_charset_is_used(String name) {
        Charset charset = Charset.forName(name);
        CleanStream.of(new PrintStream(bytes, true, charset)).println("a\u001bz");

        assertThat(bytes.toString(charset)).isEqualTo("a\\u001bz\n");
    }

    @Test
    void text_of_the_program_itself_may_pass() {
        CleanStream.of(stream).raw().print("\u001b[1m");

        assertThat(bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("\u001b[1m");
    }
}
