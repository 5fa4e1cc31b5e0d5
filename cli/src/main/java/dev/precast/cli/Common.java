package dev.precast.cli;

import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceClientBuilder;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all commands, and the objects that they select. */
final class Common {
    static final String DEFAULT_URL = "http://127.0.0.1:8077";

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(20);

    private final Surroundings around;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "URL of the service; default PRECAST_URL, else " + DEFAULT_URL + ".")
    private @Nullable String server;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "Bearer token; default PRECAST_TOKEN, else the token of the embedded service, which is in "
                    + "local.token in the data folder.")
    private @Nullable String token;

    @Option(names = "--json", description = "Print one JSON document on standard output.")
    private boolean json;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data folder of the embedded service; default PRECAST_DATA, else ~/.local/share/precast.")
    private @Nullable Path data;

    Common(Surroundings around) {
        this.around = around;
    }

    Surroundings around() {
        return around;
    }

    boolean json() {
        return json;
    }

    /** The service's address. */
    URI server() {
        String text = server != null ? server : around.variable("PRECAST_URL").orElse(DEFAULT_URL);
        try {
            URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // The error is thrown below.
        }
        throw new CommandFailed(
                Exit.USAGE, "usage", "--server: expected http://host:port or https://host, found " + text);
    }

    /**
     * The token for a service; null if there is none.
     *
     * @throws CommandFailed if the file of the embedded service's token is unusable
     */
    @Nullable
    String token(URI service) {
        if (token != null) {
            return token;
        }
        String variable = around.variable("PRECAST_TOKEN").orElse(null);
        try {
            return variable != null
                    ? variable
                    : LocalToken.find(data(), service).map(LocalToken::secret).orElse(null);
        } catch (IOException e) {
            throw new CommandFailed(Exit.OTHER, "local-token", String.valueOf(e.getMessage()), e);
        }
    }

    /** The service, whose calls are repeated while a replica stops or the queue or the store does not answer. */
    ServiceClient service() {
        return builder(server(), TIMEOUT).retryFor(RETRY).build();
    }

    /** @param timeout time limit for the start of an answer, for its body, and for a stall of an upload */
    ServiceClient service(URI address, Duration timeout) {
        return builder(address, timeout).build();
    }

    private ServiceClientBuilder builder(URI address, Duration timeout) {
        return ServiceClient.builder(address)
                .token(() -> token(address))
                .connectWithin(CONNECT)
                .answerWithin(timeout)
                .bodyWithin(timeout)
                .withoutBackOff();
    }

    /** The data folder of the embedded service. */
    Path data() {
        return data != null ? data : LocalToken.dataFolder(around.variables());
    }

    /** Prints the result: the document with {@code --json}, otherwise the lines. */
    void print(JsonObject document, String lines) {
        around.out().println(json ? document.canonical() : lines);
        around.out().flush();
    }

    /** The document of a command that failed. */
    static JsonObject error(Exit exit, String code, String message) {
        return JsonObject.EMPTY.with(
                "error",
                JsonObject.EMPTY.with("code", code).with("exit", exit.code()).with("message", message));
    }
}
