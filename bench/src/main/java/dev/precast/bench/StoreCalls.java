package dev.precast.bench;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.store.ContentStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * One call about any of the stored artifacts. The replica is asked with the JDK's HTTP client, the S3 server with the
 * client that the replica uses itself. Thread safe.
 */
final class StoreCalls implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String address;
    private final ContentStore payloads;
    private final StoredArtifacts stored;

    StoreCalls(String address, ContentStore payloads, StoredArtifacts stored) {
        this.address = address;
        this.payloads = payloads;
        this.stored = stored;
    }

    /** @return how many bytes the answer had, 0 without a body */
    long make(StoreCall call) throws IOException, InterruptedException {
        StoredArtifacts.One one = stored.any();
        return switch (call) {
            case LOOKUP -> lookup(one.key());
            case HEAD -> head(one);
            case DOWNLOAD ->
                whole(send(HttpRequest.newBuilder(artifact(one.key())).GET()).length);
            case GET -> {
                try (InputStream in = one.blob().open()) {
                    yield whole(in.readAllBytes().length);
                }
            }
        };
    }

    private long lookup(ArtifactKey key) throws IOException, InterruptedException {
        byte[] body = JsonObject.EMPTY
                .with("modules", Json.ofStrings(List.of(key.module().toString())))
                .with("lanes", Json.of(List.of(lane(key.lane()))))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        byte[] answer = send(HttpRequest.newBuilder(URI.create(address + "/v1/lookups"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
        String text = new String(answer, StandardCharsets.UTF_8);
        if (!text.contains("\"present\"")) {
            throw new IOException("lookup of " + key + ": expected it to be present, found " + text);
        }
        return answer.length;
    }

    private static JsonObject lane(LaneId lane) {
        return JsonObject.EMPTY
                .with("engine", lane.engine().toString())
                .with("engineHash", lane.engineHash().toString())
                .with("config", lane.config().toString())
                .with("target", lane.target().toString());
    }

    private URI artifact(ArtifactKey key) {
        LaneId lane = key.lane();
        return URI.create(address + "/v1/artifacts/" + key.module().digest().hex() + "/" + lane.engine() + "/"
                + lane.engineHash().digest().hex() + "/"
                + lane.config().digest().hex() + "/" + lane.target());
    }

    private long head(StoredArtifacts.One one) throws IOException {
        return payloads.find(one.payload())
                .orElseThrow(() -> new IOException("payload " + one.payload() + " is not in the bucket"))
                .size();
    }

    private static long whole(long found) throws IOException {
        if (found != StoredArtifacts.PAYLOAD_BYTES) {
            throw new IOException("payload: expected " + StoredArtifacts.PAYLOAD_BYTES + " bytes, found " + found);
        }
        return found;
    }

    private byte[] send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException("the replica answered " + answer.statusCode() + ": "
                    + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return answer.body();
    }

    @Override
    public void close() {
        client.close();
    }
}
