package dev.precast.cli;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.test.ReferencePage;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code docs/reference/cli.md} matches the descriptions of commands and options. The test is in this package
 * because the commands are package-private.
 */
final class CommandsPageTest {
    @Test
    void commands_are_on_their_page() throws IOException {
        CommandLine precast = Main.whole(Surroundings.ofThisProcess());
        List<OptionSpec> shared = CommandSpec.forAnnotatedObject(new Common(Surroundings.ofThisProcess()))
                .options();
        Set<String> common = Stream.concat(
                        shared.stream().map(OptionSpec::longestName), Stream.of("--help", "--version"))
                .collect(toSet());

        String commands = precast.getSubcommands().values().stream()
                .map(command -> section(command.getCommandSpec(), common, "##"))
                .collect(joining("\n"));

        new ReferencePage("cli.md", "the commands of cli").check("The command line `precast`", """
                Results go to standard output, progress and errors to standard error. The [exit codes](exit-codes.md) are the
                same for all commands. `PRECAST_DEBUG=1` shows stack traces. The page on
                [the command line](../explanation/cli.md) tells how it works.

                Most commands take these options, besides `--help` and `--version`:

                | option | meaning |
                | --- | --- |
                %s
                %s""".formatted(
                        shared.stream().map(CommandsPageTest::row).collect(joining()), commands));
    }

    private static String section(CommandSpec command, Set<String> common, String heading) {
        String description = String.join(" ", command.usageMessage().description());
        assertThat(description).as("description of %s", command.qualifiedName()).isNotEmpty();
        String rows = Stream.concat(
                        command.positionalParameters().stream(),
                        command.options().stream().filter(option -> !common.contains(option.longestName())))
                .filter(arg -> !arg.hidden())
                .map(CommandsPageTest::row)
                .collect(joining());
        return heading + " `" + command.qualifiedName() + "`\n\n" + description.replaceAll("%n", " ") + "\n"
                + (rows.isEmpty() ? "" : "\n| argument | meaning |\n| --- | --- |\n" + rows)
                + command.subcommands().values().stream()
                        .map(sub -> "\n" + section(sub.getCommandSpec(), common, heading + "#"))
                        .collect(joining());
    }

    private static String row(ArgSpec arg) {
        String names = arg instanceof OptionSpec option ? String.join(", ", option.names()) : "";
        boolean takesValue = arg.arity().max() > 0;
        String label = takesValue ? arg.paramLabel() : "";
        String many = arg.arity().isVariable() || (arg.isPositional() && arg.isMultiValue()) ? "…" : "";
        String description =
                String.join(" ", arg.description()).replace("${DEFAULT-VALUE}", String.valueOf(arg.defaultValue()));
        assertThat(description)
                .as("description of %s of %s", names + label, arg.command().qualifiedName())
                .isNotBlank();
        return "| `" + ReferencePage.cell((names + " " + label).strip() + many) + "` | "
                + ReferencePage.cell(description.replace("<", "\\<"))
                + (arg.required() && !arg.isPositional() ? " Required." : "")
                + " |\n";
    }
}
