package dev.precast.launcher;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Starts the packaged server. */
public final class PrecastServer {
    /** Time for a server to stop: 20 s for what is in progress, a few seconds to end, and more on a busy machine. */
    public static final Duration GRACE = Duration.ofSeconds(60);

    private static final Pattern LISTENING = Pattern.compile("listening on (http://[^,]+),");

    private PrecastServer() {}

    /**
     * The command that starts the server.
     *
     * @param options options of the JVM, such as {@code -Xmx256m} or {@code -Dprecast.role=api}; if a key occurs
     *     several times, its last value counts
     * @throws IOException if the server is not built
     */
    public static ProcessBuilder command(Installation installation, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Installation.java()));
        command.addAll(options);
        command.add("-jar");
        command.add(Installation.built(installation.serverJar()).toString());
        return new ProcessBuilder(command);
    }

    /**
     * Starts a server on a free port of loopback and waits until it listens and has the lanes of its packs.
     *
     * @param data the server's data folder, created if missing; the server's log is the file {@code <data>.log} beside
     *     this folder
     * @param options as in {@link #command}
     * @param progress gets a line every two seconds while this method waits
     * @throws StartFailedException if the server does not start
     */
    public static ServerProcess start(
            Installation installation, Path data, List<String> options, Consumer<String> progress)
            throws IOException, InterruptedException {
        Files.createDirectories(data.toAbsolutePath().getParent());
        List<String> all = new ArrayList<>(List.of("-Dprecast.port=0", "-Dprecast.data=" + data));
        all.addAll(options);
        return ServerProcess.start(
                "precast server",
                command(installation, all),
                data.resolveSibling(data.getFileName() + ".log"),
                printed -> LISTENING
                        .matcher(printed)
                        .results()
                        .map(PrecastServer::address)
                        .findFirst(),
                GRACE,
                progress);
    }

    private static URI address(MatchResult listening) {
        return URI.create(listening.group(1));
    }
}
