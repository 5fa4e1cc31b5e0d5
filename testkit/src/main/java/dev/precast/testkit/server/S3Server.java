package dev.precast.testkit.server;

import dev.precast.launcher.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real S3 server (versitygw) with one bucket. The server keeps objects as files. */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "precast";
    private static final String ACCESS_LOG = "s3-access.log";
    public static final String REGION = "us-east-1";
    public static final String ACCESS_KEY = "tester";
    public static final String SECRET_KEY = "a-secret-of-tests";

    private final Path folder;
    private final ServerProcess process;

    private S3Server(Path folder, ServerProcess process) {
        this.folder = folder;
        this.process = process;
    }

    /** Starts a server on a free port with the data in the folder. */
    public static S3Server start(Path folder) throws IOException, InterruptedException {
        int port = RealServer.freePort();
        Path objects = folder.resolve("objects");
        Path metadata = Files.createDirectories(folder.resolve("metadata"));
        Files.createDirectories(objects.resolve(BUCKET));
        return new S3Server(
                folder,
                RealServer.start(
                        List.of(
                                RealServer.find("versitygw"),
                                "--port",
                                "127.0.0.1:" + port,
                                "--keep-alive",
                                "--quiet",
                                "--access-log",
                                folder.resolve(ACCESS_LOG).toString(),
                                "posix",
                                "--sidecar",
                                metadata.toString(),
                                objects.toString()),
                        Map.of("ROOT_ACCESS_KEY", ACCESS_KEY, "ROOT_SECRET_KEY", SECRET_KEY),
                        port,
                        folder.resolve("s3.log")));
    }

    public int port() {
        return process.port();
    }

    /** A line for each request, in the form of S3's server access logs. */
    public Path accessLog() {
        return folder.resolve(ACCESS_LOG);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** The folder that contains the objects of the bucket. */
    public Path objects() {
        return folder.resolve("objects").resolve(BUCKET);
    }

    public ServerProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
