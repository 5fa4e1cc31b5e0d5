package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Envelope;
import dev.precast.json.JsonObject;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.RestCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the server at random moments of uploads and compilations. No partial upload or artifact is visible afterwards,
 * and no accepted request is lost.
 */
@Tag("fleet")
class KillNineIT {
    private static final String ENGINE = "chicory";
    private static final int KILLS = Scale.of(2, 20);
    private static final int CLIENTS = 3;
    private static final int PADDING_BYTES = 1 << 20;
    private static final int LATEST = 40;

    @TempDir
    Path folder;

    /** Uploaded modules, and those that the server has acknowledged. */
    private final Map<Digest, byte[]> sent = Collections.synchronizedMap(new LinkedHashMap<>());

    private final Set<Digest> stored = ConcurrentHashMap.newKeySet();
    /** Modules whose compilation the server accepted. */
    private final Set<Digest> accepted = ConcurrentHashMap.newKeySet();

    private final Queue<AssertionError> failures = new ConcurrentLinkedQueue<>();

    @Test
    void a_server_that_is_killed_shows_nothing_partial_and_loses_nothing() throws Exception {
        Random random = Scale.random(KillNineIT.class);
        for (int kill = 0; kill < KILLS; kill++) {
            LocalService server = start();
            RestCalls rest = server.rest();
            nothing_partial_is_visible(rest);
            List<Thread> clients = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                long seed = random.nextLong();
                clients.add(Thread.ofVirtual().start(() -> work(rest, new Random(seed))));
            }
            Thread.sleep(random.nextInt(2000));
            while (kill == KILLS - 1 && accepted.isEmpty() && failures.isEmpty()) {
                Thread.sleep(20); // Otherwise there would be nothing to lose.
            }
            server.kill();
            for (Thread client : clients) {
                client.join();
            }
            assertThat(failures).isEmpty();
            every_file_is_whole();
        }
        try (LocalService server = start()) {
            RestCalls rest = server.rest();
            nothing_partial_is_visible(rest);
            assertThat(accepted).isNotEmpty();
            for (Digest module : accepted) {
                artifact_after_asking_again(rest, module);
            }
            nothing_partial_is_visible(rest);
            System.out.println("killed " + KILLS + " times: " + sent.size() + " modules sent, " + stored.size()
                    + " stored, " + accepted.size() + " compilations accepted, all there");
        }
    }

    /** Uploads modules and asks for their artifacts until the server is gone. */
    private void work(RestCalls rest, Random random) {
        try {
            JsonObject lane = rest.lane(ENGINE);
            while (true) {
                byte[] module = module(random);
                Digest digest = Digest.of(module);
                sent.put(digest, module);
                HttpResponse<byte[]> put = rest.send("PUT", "/v1/modules/" + digest.hex(), module);
                assertThat(put.statusCode()).isEqualTo(201);
                stored.add(digest);
                int status = rest.compile(digest, lane, random.nextInt(2)).statusCode();
                assertThat(status).isIn(200, 202);
                accepted.add(digest);
            }
        } catch (IOException e) {
            // The server was killed, which ends the loop.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (AssertionError e) {
            failures.add(e);
        }
    }

    /** Stored modules are complete, interrupted uploads are absent, and each present artifact has its payload. */
    private void nothing_partial_is_visible(RestCalls rest) throws Exception {
        JsonObject lane = sent.isEmpty() ? JsonObject.EMPTY : rest.lane(ENGINE);
        for (Map.Entry<Digest, byte[]> module : latest()) {
            HttpResponse<byte[]> got =
                    rest.send("GET", "/v1/modules/" + module.getKey().hex(), null);
            assertThat(got.statusCode()).isIn(stored.contains(module.getKey()) ? Set.of(200) : Set.of(200, 404));
            if (got.statusCode() == 200) {
                assertThat(got.body()).isEqualTo(module.getValue());
                JsonObject found = rest.lookup(module.getKey(), lane);
                if (found.string("state").equals("present")) {
                    payload_is_the_attested_one(rest, found);
                }
            }
        }
    }

    /** A kill can affect only the last uploads. */
    private List<Map.Entry<Digest, byte[]>> latest() {
        List<Map.Entry<Digest, byte[]>> all = new ArrayList<>(sent.entrySet());
        return all.subList(Math.max(0, all.size() - LATEST), all.size());
    }

    private void payload_is_the_attested_one(RestCalls rest, JsonObject found) throws Exception {
        Envelope envelope =
                Envelope.parse(found.object("attestation").canonical().getBytes(UTF_8));
        String statement = new String(Base64.getDecoder().decode(envelope.payload()), UTF_8);
        HttpResponse<byte[]> payload = rest.send("GET", found.string("href"), null);

        assertThat(payload.statusCode()).isEqualTo(200);
        assertThat(statement).contains(Digest.of(payload.body()).hex());
    }

    private void every_file_is_whole() throws IOException {
        for (String store : List.of("modules", "payloads")) {
            try (Stream<Path> files = Files.walk(folder.resolve("data").resolve(store))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = file.getFileName().toString();
                    if (name.matches("[0-9a-f]{64}")) {
                        assertThat(Digest.of(Files.readAllBytes(file)).hex()).isEqualTo(name);
                    }
                }
            }
        }
    }

    private void artifact_after_asking_again(RestCalls rest, Digest module) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        HttpResponse<byte[]> answer = rest.compile(module, rest.lane(ENGINE), 30);
        while (answer.statusCode() != 200 && System.nanoTime() < end) {
            // A compilation that was killed stands as a failure until its back-off is over.
            assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isIn(202, 503);
            long retryAfter =
                    Long.parseLong(answer.headers().firstValue("retry-after").orElse("0"));
            Thread.sleep(Duration.ofSeconds(Math.min(retryAfter, 10)));
            answer = rest.compile(module, rest.lane(ENGINE), 30);
        }
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        payload_is_the_attested_one(rest, rest.lookup(module, rest.lane(ENGINE)));
    }

    /** A small good module with a custom section in front, so that its upload takes a while. */
    private static byte[] module(Random random) {
        byte[] good = Bombs.good(random.nextInt(1000));
        byte[] padding = new byte[PADDING_BYTES];
        random.nextBytes(padding);
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.write(good, 0, 8);
        module.write(0);
        leb(module, padding.length + 2);
        module.write(1);
        module.write('p');
        module.writeBytes(padding);
        module.write(good, 8, good.length - 8);
        return module.toByteArray();
    }

    private static void leb(ByteArrayOutputStream out, int value) {
        int left = value;
        for (; left > 0x7f; left >>>= 7) {
            out.write((left & 0x7f) | 0x80);
        }
        out.write(left);
    }

    private LocalService start() throws IOException, InterruptedException {
        return LocalService.start(
                folder.resolve("data"),
                LocalService.bundledPacks(),
                "-Xmx256m",
                "-Dprecast.slots=2",
                "-Dprecast.retry.base=PT1S");
    }
}
