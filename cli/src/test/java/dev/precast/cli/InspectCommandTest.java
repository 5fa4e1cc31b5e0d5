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
    void it_describes_a_module() throws Exception {
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
    void text_output_has_the_same_facts() throws Exception {
        String lines = CommandLineRun.of("inspect", file(SMALL).toString()).out();

        assertThat(lines).contains("sections", "functions  1", "1 pages, at most 2", "none exceeded");
    }

    @Test
    void a_module_that_is_cut_short_ends_with_4() throws Exception {
        CommandLineRun run = CommandLineRun.of(
                "inspect", file(SMALL.substring(0, SMALL.length() - 6)).toString());

        assertThat(run.exit()).isEqualTo(4);
    }

    @Test
    void it_describes_a_component() throws Exception {
        // (component (import "log" (func)) (core module (memory 2)) (core instance (instantiate 0)))
        String component = "0061736d0d000100" + "07050140000100" + "0a080100036c6f670100" + "010d" + "0061736d01000000"
                + "0503010002" + "0204010000" + "00";
        JsonObject found = CommandLineRun.of(
                        "inspect", "--json", file(component).toString())
                .json();

        assertThat(found.string("kind")).isEqualTo("component");
        assertThat(found.integer("moduleCount", 0, 10)).isEqualTo(1);
        assertThat(found.array("imports").get(0).asObject("import").string("name"))
                .isEqualTo("log");
        assertThat(found.object("instance").integer("memoryBytes", 0, 1 << 30)).isEqualTo(2 << 16);
        assertThat(CommandLineRun.of("inspect", file(component).toString()).out())
                .contains("1 core modules", "log (func)", "131 kB of initial memory", "by cranelift");
    }

    @Test
    void a_component_that_is_cut_short_ends_with_4() throws Exception {
        CommandLineRun run =
                CommandLineRun.of("inspect", file("0061736d0d00010001").toString());

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("the module ends here");
    }

    @Test
    void the_engine_hash_of_what_is_no_cwasm_ends_with_4() throws Exception {
        CommandLineRun run = CommandLineRun.of("engine-hash", file(SMALL).toString());

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("ELF header: expected 64 bytes");
    }
}
