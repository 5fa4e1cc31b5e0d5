import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.HttpSource;
import dev.precast.host.Precast;
import dev.precast.host.Prefetched;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a host does before it is ready: brings the modules on a list to its disk cache. */
final class Prefetch {
    public static void main(String[] args) throws Exception {
        List<ModuleDigest> modules =
                Files.readAllLines(Path.of(args[0])).stream().map(ModuleDigest::parse).toList();
        try (var precast = Precast.builder(new ChicoryLoader())
                .source(HttpSource.builder(URI.create(System.getenv("PRECAST_URL")))
                        .token(() -> System.getenv("PRECAST_TOKEN"))
                        .build())
                .trustRoot(Path.of(System.getenv("PRECAST_TRUST_ROOT")))
                .diskCache(Path.of(System.getenv("PRECAST_CACHE")), 1L << 30)
                .build()) {
            List<Prefetched> got = precast.prefetch(modules, Duration.ofSeconds(60), each -> {});
            List<Prefetched> missing =
                    got.stream().filter(each -> !(each instanceof Prefetched.Ready)).toList();
            if (!missing.isEmpty()) {
                System.err.println("expected all " + got.size() + " to be ready, found " + missing);
                System.exit(1);
            }
            System.out.println(got.size() + " ready");
        }
    }
}
