package dev.precast.cli;

import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "queue", description = "Dead letters: requests that failed five times. Needs the role admin.")
final class QueueCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "queue: missing subcommand (expected dead, show or retry); see --help");
    }

    @Command(name = "dead", mixinStandardHelpOptions = true, description = "Lists the dead letters, the oldest first.")
    Exit dead(@Mixin Common common) throws IOException {
        JsonObject answer = common.service().get(Paths.DEAD_LETTERS);
        String lines = answer.array("letters").stream()
                .map(letter -> text(letter.asObject("letter")))
                .collect(Collectors.joining("\n"));
        common.print(answer, lines.isEmpty() ? "no dead letters" : lines);
        return Exit.OK;
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a dead letter.")
    Exit show(
            @Mixin Common common,
            @Parameters(paramLabel = "KEY", description = "The key's digest, as shown by precast queue dead.")
                    String key)
            throws IOException {
        JsonObject letter = common.service().get(path(key));
        common.print(letter, text(letter));
        return Exit.OK;
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description = "Requests a compilation again and deletes the failures of its key.")
    Exit retry(
            @Mixin Common common,
            @Parameters(paramLabel = "KEY", description = "The key's digest, as shown by precast queue dead.")
                    String key)
            throws IOException {
        JsonObject answer = common.service().post(path(key) + "/retries", JsonObject.EMPTY, Duration.ZERO);
        common.print(answer, "key " + key + ": compilation requested again");
        return Exit.OK;
    }

    private static String path(String key) {
        return Paths.DEAD_LETTERS + "/" + (key.startsWith("sha256:") ? key.substring("sha256:".length()) : key);
    }

    private static String text(JsonObject letter) {
        JsonObject key = letter.object("key");
        return letter.string("keyDigest") + "\n  module   " + key.string("module") + "\n  engine   "
                + key.string("engine") + " on " + key.string("target") + "\n  attempts "
                + letter.integer("attempts", 1, Integer.MAX_VALUE) + ", dead since " + letter.string("at")
                + "\n  reason   " + letter.string("reason");
    }
}
