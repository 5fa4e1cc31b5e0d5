package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InspectCommandTest {
    /** (module (memory 1 2) (func (export "f") (result i32) i32.const 7)). */
    private static final String SMALL = "0061736d01000000" + "010501600001" + "7f" + "03020100" + "050401010102"
            + "0705010166" + "0000" + "0a06010400" + "41070b";

    @TempDir
    private Path folder;

    private Path file(String hex) throws Exception {
        return Files.write(folder.resolve("m.wasm"), HexFormat.of().parseHex(hex));
    }

    @Test
    void it_says_what_a_module_holds() throws Exception {
        JsonObject module =
                CommandLineRun.of("inspect", "--json", file(SMALL).toString()).json();

        assertThat(module.integer("functions", 0, 10)).isEqualTo(1);
        assertThat(module.array("exports").get(0).asObject("export").string("name"))
                .isEqualTo("f");
        assertThat(module.array("memories").get(0).asObject("memory").integer("max", 0, 10))
                .isEqualTo(2);
        assertThat(module.string("digest")).startsWith("sha256:");
        assertThat(module.integer("estimatedCompileMs", 1, 10_000)).isPositive();
        assertThat(module.find("overCap")).isEmpty();
    }

    @Test
    void people_get_the_same_in_lines() throws Exception {
        String lines = CommandLineRun.of("inspect", file(SMALL).toString()).out();

        assertThat(lines).contains("sections", "functions  1", "1 pages, at most 2", "within all");
    }

    @Test
    void a_module_that_is_cut_short_ends_with_4() throws Exception {
        CommandLineRun run = CommandLineRun.of(
                "inspect", file(SMALL.substring(0, SMALL.length() - 6)).toString());

        assertThat(run.exit()).isEqualTo(4);
    }

    @Test
    void a_component_ends_with_4() throws Exception {
        CommandLineRun run =
                CommandLineRun.of("inspect", file("0061736d0d000100").toString());

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("component");
    }
}
