package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.Limits;
import dev.precast.module.StaticCaps;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;

/**
 * The program of a JVM with a real worker and {@link AttackPack}. Reads scripts from standard input, one a line, in
 * base64, and prints for each the state of its artifact and a text in base64: the payload, or why there is none.
 */
final class HostileWorker {
    static final Limits LIMITS = new Limits(64, 256, 10, 15, 4);
    static final String READY = "ready";
    /** A line that asks for the number of troubles of the supervisor. */
    static final String TROUBLE = "?";

    private static final int LONGEST_ANSWER = 1 << 16;

    private HostileWorker() {}

    /** @param arguments the worker's folder, and the mode of its confinement */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        AttackPack.write(folder.resolve("packs"));
        PrecompilerConfig plain = Worker.config(folder, 2, LIMITS, StaticCaps.DEFAULT, Duration.ofSeconds(5));
        PrecompilerConfig config = new PrecompilerConfig(
                new PrecompilerConfig.Packs(
                        plain.packs().folder(), plain.packs().allowed(), Confinement.Mode.valueOf(arguments[1])),
                plain.work(),
                plain.builder(),
                plain.slots(),
                plain.limits(),
                plain.caps(),
                plain.times());
        try (Worker worker = new Worker(config, folder.resolve("store"), SigningKey.generate());
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            System.out.println(READY + " " + worker.precompiler.offers().size());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String answer = line.equals(TROUBLE)
                        ? "trouble "
                                + encoded(String.valueOf(worker.heard.stream()
                                        .filter("error machine"::equals)
                                        .count()))
                        : compile(worker, new String(Base64.getDecoder().decode(line), UTF_8));
                System.out.println(answer);
            }
        }
    }

    private static String compile(Worker worker, String script) throws IOException {
        ArtifactKey key = worker.upload(AttackPack.ENGINE, AttackPack.module(script));
        worker.compile(key);
        if (worker.stores.artifacts().find(key).isPresent()) {
            try (InputStream payload = worker.stores
                    .payloads()
                    .find(worker.attestation(key).payload().digest())
                    .orElseThrow()
                    .open()) {
                return "compiled " + encoded(new String(payload.readNBytes(LONGEST_ANSWER), UTF_8));
            }
        }
        return switch (worker.outcome(key)) {
            case CompileOutcome.Rejected rejected ->
                "rejected " + encoded(rejected.state().toString());
            case CompileOutcome.Failed failed ->
                "failed " + encoded(failed.state().toString());
        };
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
