package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Envelope;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server is killed at random moments of uploads and compilations: nothing partial is seen, nothing accepted is lost. */
class KillNineIT {
    private static final Path HOME = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern LISTENING = Pattern.compile("listening on (http://[^,]+),");
    private static final int KILLS = 20;
    private static final int CLIENTS = 3;
    private static final int PADDING_BYTES = 1 << 20;
    private static final int LATEST = 40;
    private static final long SEED = 20;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    /** Modules that were sent, and those of them that the server said it has. */
    private final Map<Digest, byte[]> sent = Collections.synchronizedMap(new LinkedHashMap<>());

    private final Set<Digest> stored = ConcurrentHashMap.newKeySet();
    /** Modules whose compilation the server accepted. */
    private final Set<Digest> accepted = ConcurrentHashMap.newKeySet();

    private final Queue<AssertionError> failures = new ConcurrentLinkedQueue<>();

    @Test
    void a_server_that_is_killed_shows_nothing_partial_and_loses_nothing() throws Exception {
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            Process server = start();
            URI base = base(server);
            nothing_partial_is_visible(base);
            List<Thread> clients = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                long seed = random.nextLong();
                clients.add(Thread.ofVirtual().start(() -> work(base, new Random(seed))));
            }
            Thread.sleep(random.nextInt(2000));
            server.destroyForcibly().waitFor();
            for (Thread client : clients) {
                client.join();
            }
            assertThat(failures).isEmpty();
            every_file_is_whole();
        }
        Process server = start();
        try {
            URI base = base(server);
            nothing_partial_is_visible(base);
            assertThat(accepted).isNotEmpty();
            for (Digest module : accepted) {
                artifact_after_asking_again(base, module);
            }
            nothing_partial_is_visible(base);
            System.out.println("killed " + KILLS + " times: " + sent.size() + " modules sent, " + stored.size()
                    + " stored, " + accepted.size() + " compilations accepted, all there");
        } finally {
            server.destroy();
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Uploads modules and asks for their artifacts until the server is gone. */
    private void work(URI base, Random random) {
        try {
            JsonObject lane = lane(base);
            while (true) {
                byte[] module = module(random);
                Digest digest = Digest.of(module);
                sent.put(digest, module);
                HttpResponse<byte[]> put = send(base, "PUT", "/v1/modules/" + digest.hex(), module);
                assertThat(put.statusCode()).isEqualTo(201);
                stored.add(digest);
                int status = compile(base, lane, digest, random.nextInt(2)).statusCode();
                assertThat(status).isIn(200, 202);
                accepted.add(digest);
            }
        } catch (IOException e) {
            // Killed, which is what ends this.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (AssertionError e) {
            failures.add(e);
        }
    }

    /** What is stored is whole; what was cut off is not there; what is present has its payload. */
    private void nothing_partial_is_visible(URI base) throws Exception {
        JsonObject lane = sent.isEmpty() ? JsonObject.EMPTY : lane(base);
        for (Map.Entry<Digest, byte[]> module : latest()) {
            HttpResponse<byte[]> got =
                    send(base, "GET", "/v1/modules/" + module.getKey().hex(), null);
            assertThat(got.statusCode()).isIn(stored.contains(module.getKey()) ? Set.of(200) : Set.of(200, 404));
            if (got.statusCode() == 200) {
                assertThat(got.body()).isEqualTo(module.getValue());
                JsonObject found = lookup(base, lane, module.getKey());
                if (found.string("state").equals("present")) {
                    payload_is_the_attested_one(base, found);
                }
            }
        }
    }

    /** What was sent last is what a kill can have hit. */
    private List<Map.Entry<Digest, byte[]>> latest() {
        List<Map.Entry<Digest, byte[]>> all = new ArrayList<>(sent.entrySet());
        return all.subList(Math.max(0, all.size() - LATEST), all.size());
    }

    private void payload_is_the_attested_one(URI base, JsonObject found) throws Exception {
        Envelope envelope =
                Envelope.parse(found.object("attestation").canonical().getBytes(UTF_8));
        String statement = new String(Base64.getDecoder().decode(envelope.payload()), UTF_8);
        HttpResponse<byte[]> payload = send(base, "GET", found.string("href"), null);

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

    private void artifact_after_asking_again(URI base, Digest module) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        HttpResponse<byte[]> answer = compile(base, lane(base), module, 30);
        while (answer.statusCode() != 200 && System.nanoTime() < end) {
            // A compilation that was killed stands as a failure until its back-off is over.
            assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isIn(202, 503);
            long retryAfter =
                    Long.parseLong(answer.headers().firstValue("retry-after").orElse("0"));
            Thread.sleep(Duration.ofSeconds(Math.min(retryAfter, 10)));
            answer = compile(base, lane(base), module, 30);
        }
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        payload_is_the_attested_one(base, lookup(base, lane(base), module));
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

    private HttpResponse<byte[]> compile(URI base, JsonObject lane, Digest module, int wait)
            throws IOException, InterruptedException {
        byte[] body = lane.with("module", module.toString()).canonical().getBytes(UTF_8);
        return send(base, "POST", "/v1/compilations", body, "Prefer", "wait=" + wait);
    }

    private JsonObject lookup(URI base, JsonObject lane, Digest module) throws IOException, InterruptedException {
        JsonObject request = JsonObject.EMPTY
                .with("modules", Json.ofStrings(List.of(module.toString())))
                .with("lanes", Json.of(List.of(lane)));
        HttpResponse<byte[]> answer =
                send(base, "POST", "/v1/lookups", request.canonical().getBytes(UTF_8));
        return Json.parse(answer.body())
                .asObject("answer")
                .array("results")
                .get(0)
                .asObject("result");
    }

    private JsonObject lane(URI base) throws IOException, InterruptedException {
        JsonObject offer = Json.parse(send(base, "GET", "/v1/engines", null).body())
                .asObject("engines")
                .array("lanes")
                .get(0)
                .asObject("lane");
        return JsonObject.EMPTY
                .with("engine", offer.string("engine"))
                .with("engineHash", offer.string("engineHash"))
                .with("config", offer.string("configHash"))
                .with("target", offer.string("target"));
    }

    private HttpResponse<byte[]> send(URI base, String method, String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofSeconds(90))
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dprecast.port=0",
                        "-Dprecast.data=" + folder.resolve("data"),
                        "-Dprecast.packs.folder=" + HOME.resolve("engines/target/packs"),
                        "-Dprecast.slots=2",
                        "-Dprecast.retry.base=PT1S",
                        "-jar",
                        HOME.resolve("server/target/quarkus-app/quarkus-run.jar")
                                .toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
    }

    private URI base(Process server) throws Exception {
        for (int i = 0; i < 1200 && server.isAlive(); i++) {
            Matcher listening = LISTENING.matcher(Files.readString(folder.resolve("server.log")));
            if (listening.find()) {
                return URI.create(listening.group(1));
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the server did not start: " + Files.readString(folder.resolve("server.log")));
    }
}
