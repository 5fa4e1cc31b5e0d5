package dev.precast.bench;

import dev.precast.cache.store.ContentStore;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/**
 * Calls for random stored artifacts. Uses Apache's HTTP client for both servers: directly for the replica; through the
 * SDK for the S3 server, as the replica does. Thread safe.
 */
final class StoreCalls implements AutoCloseable {
    /** The replica's maximum number of connections to S3. */
    private static final int MOST_CONNECTIONS = 128;

    private static final Pattern PRESENT = Pattern.compile("\"present\"");

    private final CloseableHttpClient client = HttpClients.custom()
            .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(MOST_CONNECTIONS)
                    .setMaxConnTotal(MOST_CONNECTIONS)
                    .build())
            .disableAutomaticRetries()
            .disableContentCompression()
            .build();
    private final String address;
    private final ContentStore payloads;
    private final StoredArtifacts stored;
    private final AtomicInteger asked;

    /**
     * @param stored the artifacts. {@link #make} uses all of them; {@link #first} and {@link #rest} look up those that
     *     are added later
     */
    StoreCalls(String address, ContentStore payloads, StoredArtifacts stored) {
        this.address = address;
        this.payloads = payloads;
        this.stored = stored;
        this.asked = new AtomicInteger(stored.size());
    }

    /** @return size of the answer in bytes; for HEAD, size of the payload */
    long make(StoreCall call) throws IOException {
        StoredArtifacts.One one = stored.any();
        return switch (call) {
            case LOOKUP -> lookup(List.of(one));
            case HEAD -> head(one);
            case DOWNLOAD -> whole(send(new HttpGet(address + Paths.artifact(one.key()))).length);
            case GET -> {
                try (InputStream in = one.blob().open()) {
                    yield whole(in.readAllBytes().length);
                }
            }
        };
    }

    /** Looks up an artifact for the first time; returns 0 if none is left. */
    long first() throws IOException {
        return lookup(stored.some(asked.getAndIncrement(), 1));
    }

    /** Looks up, for the first time, as many artifacts as one lookup may contain; returns 0 if none is left. */
    long rest() throws IOException {
        return lookup(stored.some(asked.getAndAdd(LookupRequest.MAX_MODULES), LookupRequest.MAX_MODULES));
    }

    private long lookup(List<StoredArtifacts.One> some) throws IOException {
        if (some.isEmpty()) {
            return 0;
        }
        LookupRequest lookup = new LookupRequest(
                some.stream().map(one -> one.key().module()).toList(),
                List.of(some.getFirst().key().lane()));
        byte[] body = lookup.toJson().canonical().getBytes(StandardCharsets.UTF_8);
        HttpPost post = new HttpPost(address + Paths.LOOKUPS);
        post.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
        byte[] answer = send(post);
        String text = new String(answer, StandardCharsets.UTF_8);
        if (PRESENT.matcher(text).results().count() != some.size()) {
            throw new IOException("lookup of " + some.size() + " artifacts: expected all to be present, found " + text);
        }
        return answer.length;
    }

    private long head(StoredArtifacts.One one) throws IOException {
        return payloads.find(one.payload())
                .orElseThrow(() -> new IOException("payload " + one.payload() + ": not found in the bucket"))
                .size();
    }

    private static long whole(long found) throws IOException {
        if (found != StoredArtifacts.PAYLOAD_BYTES) {
            throw new IOException("payload: expected " + StoredArtifacts.PAYLOAD_BYTES + " bytes, found " + found);
        }
        return found;
    }

    private byte[] send(ClassicHttpRequest request) throws IOException {
        return client.execute(request, answer -> {
            byte[] body = EntityUtils.toByteArray(answer.getEntity());
            if (answer.getCode() != HttpStatus.SC_OK) {
                throw new IOException("replica: expected status 200, found " + answer.getCode() + ": "
                        + new String(body, StandardCharsets.UTF_8));
            }
            return body;
        });
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
