package dev.precast.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentLinks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links to payloads, used by a client without credentials of the store. */
class S3LinksIT {
    @RegisterExtension
    private static final Gateway GATEWAY = new Gateway();

    private static final byte[] PAYLOAD = "a payload".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of(PAYLOAD);

    private final HttpClient client = HttpClient.newHttpClient();
    private final String prefix = GATEWAY.prefix();
    private S3Stores stores;

    @BeforeEach
    void put() throws IOException {
        stores = GATEWAY.open(GATEWAY.config(prefix));
        stores.payloads().put(new ByteArrayInputStream(PAYLOAD), DIGEST, 100);
    }

    @AfterEach
    void close() {
        stores.close();
        client.close();
    }

    private HttpResponse<byte[]> send(String method, String link, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(link))
                .method(method, method.equals("PUT") ? BodyPublishers.ofString("other") : BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private String link() {
        return stores.payloadLinks(null).link(DIGEST, null).toString();
    }

    @Test
    void a_link_reads_the_payload_without_credentials() throws Exception {
        HttpResponse<byte[]> answer = send("GET", link());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(PAYLOAD);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(answer.headers().firstValue("Content-Encoding").orElse("")).isEmpty();
    }

    @Test
    void the_answer_names_the_encoding_of_the_form() throws Exception {
        String zstd = stores.payloadLinks(null).link(DIGEST, "zstd").toString();

        assertThat(send("GET", zstd).headers().firstValue("Content-Encoding")).contains("zstd");
    }

    @Test
    void a_link_reads_a_range() throws Exception {
        HttpResponse<byte[]> answer = send("GET", link(), "Range", "bytes=2-4");

        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(PAYLOAD, 2, 5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "HEAD"})
    void a_link_allows_no_other_method(String method) throws Exception {
        assertThat(send(method, link()).statusCode()).isEqualTo(403);
        assertThat(Files.readAllBytes(GATEWAY.objects().resolve(prefix + "payloads/" + DIGEST.hex())))
                .isEqualTo(PAYLOAD);
    }

    @Test
    void a_link_allows_no_other_object() throws Exception {
        byte[] other = {1};
        stores.payloads().put(new ByteArrayInputStream(other), Digest.of(other), 100);
        String link = link();

        assertThat(send("GET", link.replace(DIGEST.hex(), Digest.of(other).hex()))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("GET", link.replace("payloads/" + DIGEST.hex(), "documents/trust"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send("GET", link.replaceFirst("[?].*", "")).statusCode()).isEqualTo(403);
    }

    @Test
    void a_link_is_valid_for_five_minutes_and_that_is_signed() throws Exception {
        assertThat(ContentLinks.LONGEST).hasMinutes(5);
        assertThat(link()).contains("X-Amz-Expires=300&");
        assertThat(send("GET", link().replace("X-Amz-Expires=300", "X-Amz-Expires=3000"))
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void a_link_names_the_origin_of_a_cache_in_front_of_the_store() {
        String own = link();

        String fronted = stores.payloadLinks(URI.create("https://cdn.example:8443/"))
                .link(DIGEST, null)
                .toString();

        assertThat(fronted).startsWith("https://cdn.example:8443/");
        assertThat(URI.create(fronted).getRawPath()).isEqualTo(URI.create(own).getRawPath());
        assertThat(fronted).contains("X-Amz-SignedHeaders=host&");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://cdn.example", "https://cdn.example/path", "https://user@cdn.example", "https://a?b", "cdn"
            })
    void an_origin_with_more_than_scheme_host_and_port_is_refused(String origin) {
        assertThatThrownBy(() -> stores.payloadLinks(URI.create(origin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected http or https, a host and no path");
    }
}
