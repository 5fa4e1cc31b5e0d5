import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.Precast;
import dev.precast.host.Prefetched;
import dev.precast.host.service.ServiceClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Downloads the artifacts of the listed modules to the disk cache, as a host does when it starts. */
final class Prefetch {
    public static void main(String[] args) throws Exception {
        List<ModuleDigest> modules =
                Files.readAllLines(Path.of(args[0])).stream().map(ModuleDigest::parse).toList();
        try (var precast = Precast.builder(new ChicoryLoader())
                .source(ServiceClient.builder(URI.create(System.getenv("PRECAST_URL")))
                        .token(() -> System.getenv("PRECAST_TOKEN"))
                        .build())
                .trustRoot(Path.of(System.getenv("PRECAST_TRUST_ROOT")))
                .diskCache(Path.of(System.getenv("PRECAST_CACHE")), 1L << 30)
                .build()) {
            List<Prefetched> got = precast.prefetch(modules, Duration.ofSeconds(60), each -> {});
            List<Prefetched> missing =
                    got.stream().filter(each -> !(each instanceof Prefetched.Ready)).toList();
            if (!missing.isEmpty()) {
                System.err.println("prefetch: not ready: " + missing + " (expected " + got.size() + " ready modules)");
                System.exit(1);
            }
            System.out.println(got.size() + " ready");
        }
    }
}
