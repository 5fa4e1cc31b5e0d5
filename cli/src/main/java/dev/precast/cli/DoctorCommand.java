package dev.precast.cli;

import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.Installation;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "doctor", description = "Checks the installation and the service, and says how to fix problems.")
final class DoctorCommand implements Callable<Exit> {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SKEW_ALLOWED = Duration.ofSeconds(30);

    @Mixin
    private final Common common;

    @Mixin
    private TrustSetup trust = new TrustSetup();

    @Mixin
    private CacheFolder cache = new CacheFolder();

    private final List<DoctorFinding> findings = new ArrayList<>();

    DoctorCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        ok("version", Version.text());
        java();
        installation();
        diskCache();
        Optional<TrustSetup.Found> root = trustRoot();
        service(root);
        boolean healthy = findings.stream().noneMatch(f -> f.health() == DoctorFinding.Health.FAIL);
        common.print(
                JsonObject.EMPTY
                        .with("healthy", Json.of(healthy))
                        .with(
                                "checks",
                                Json.of(findings.stream()
                                        .map(DoctorFinding::toJson)
                                        .toList())),
                findings.stream().map(DoctorFinding::line).collect(Collectors.joining("\n")));
        return findings.stream()
                .filter(f -> f.health() == DoctorFinding.Health.FAIL)
                .map(DoctorFinding::exit)
                .findFirst()
                .orElse(Exit.OK);
    }

    private void java() {
        String version = Runtime.version() + " at " + System.getProperty("java.home");
        if (Runtime.version().feature() >= 25) {
            ok("java", version);
        } else {
            fail("java", Exit.OTHER, "expected 25 or newer, found " + version);
        }
    }

    private void installation() {
        try {
            Installation installation = common.around().installation();
            List<Path> missing =
                    List.of(installation.serverJar(), installation.packs(), installation.benchJar()).stream()
                            .filter(file -> !Files.exists(file))
                            .toList();
            if (missing.isEmpty()) {
                ok("programs", "server, engine packs and benchmarks in " + installation.home());
            } else {
                warn("programs", "not built: " + missing + "; run ./mvnw -DskipTests package");
            }
        } catch (CommandFailed e) {
            warn("programs", e.text());
        }
    }

    private void diskCache() throws IOException {
        Path folder = cache.folder(common.around());
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            ok("disk cache", folder + " will be created on first use");
            return;
        }
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (UnsupportedOperationException e) {
            warn(
                    "disk cache",
                    folder + ": file system without POSIX permissions, so hosts cannot use a disk cache here");
            return;
        }
        String rights = PosixFilePermissions.toString(attributes.permissions());
        String owner = attributes.owner().getName();
        boolean ours = owner.equals(System.getProperty("user.name"));
        if (attributes.isDirectory() && rights.equals("rwx------") && ours) {
            ok(
                    "disk cache",
                    folder + ", " + Units.bytes(Files.getFileStore(folder).getUsableSpace()) + " free");
        } else {
            fail(
                    "disk cache",
                    Exit.OTHER,
                    folder + ": expected a folder of this user with rwx------, found " + rights + " of user " + owner);
        }
    }

    private Optional<TrustSetup.Found> trustRoot() {
        Optional<TrustSetup.Found> root;
        try {
            root = trust.find(common);
        } catch (CommandFailed e) {
            fail("trust root", Exit.UNVERIFIED, e.text());
            return Optional.empty();
        }
        root.ifPresentOrElse(
                found -> ok("trust root", found.root().key().id() + " from " + found.from()),
                () -> warn(
                        "trust root",
                        "not set; use --trust-root or PRECAST_TRUST_ROOT, or start the embedded service once"));
        return root;
    }

    private void service(Optional<TrustSetup.Found> root) throws IOException {
        ServiceClient service = common.service();
        try {
            common.token(service.address());
        } catch (CommandFailed e) {
            fail("token", e.exit(), e.text());
            return;
        }
        try {
            ServiceClient.Answer answer =
                    common.service(common.server(), TIMEOUT).probe("/q/health/ready");
            if (answer.status() == 200) {
                ok("service", service.address() + " is ready");
            } else {
                fail("service", Exit.UNREACHABLE, service.address() + " is not ready (status " + answer.status() + ")");
            }
            answer.headers().firstValue("Date").ifPresent(this::clock);
            confinement(answer);
            findings.addAll(HealthChecks.of(answer.body()));
            lanes(service.get(Paths.ENGINES));
            if (root.isPresent()) {
                findings.addAll(TrustChecks.of(
                        service, root.get().root(), common.around().clock().instant()));
            }
        } catch (ServiceException e) {
            CommandFailed failure = Problems.failure(e);
            fail("service", failure.exit(), failure.text());
        } catch (IllegalArgumentException e) {
            fail("lanes", Exit.OTHER, "GET " + Paths.ENGINES + ": malformed answer: " + e.getMessage());
        }
    }

    private void lanes(JsonObject engines) {
        String names = LaneJson.offers(engines).stream()
                .map(offer -> offer.lane().engine() + " " + offer.profile())
                .collect(Collectors.joining(", "));
        if (names.isEmpty()) {
            warn("lanes", "the service serves no lanes; check its engine packs");
        } else if (findings.stream().noneMatch(finding -> finding.check().equals("lanes"))) {
            ok("lanes", names);
        }
        findings.addAll(HealthChecks.workers(engines));
    }

    /** Reads what the service's own worker says in its readiness check about the confinement of its children. */
    private void confinement(ServiceClient.Answer ready) {
        Confinement.of(ready.body())
                .ifPresentOrElse(
                        found -> {
                            if (found.isWhole()) {
                                ok("confinement", found.text());
                            } else if (found.suffices()) {
                                warn("confinement", found.text());
                            } else {
                                fail("confinement", Exit.OTHER, found.text());
                            }
                        },
                        () -> ok(
                                "confinement", "the service has no worker of its own; see the workers' health checks"));
    }

    private void clock(String date) {
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration skew = Duration.between(theirs, common.around().clock().instant());
            if (skew.abs().compareTo(SKEW_ALLOWED) > 0) {
                warn(
                        "clock",
                        "differs from the service's by " + skew.toSeconds() + " s; set the clock, because hosts "
                                + "compare the policy's dates with it");
            } else {
                ok("clock", "within " + (skew.abs().toSeconds() + 1) + " s of the service's");
            }
        } catch (DateTimeException e) {
            warn("clock", "the service sends a malformed date: " + date);
        }
    }

    private void ok(String check, String detail) {
        findings.add(DoctorFinding.ok(check, detail));
    }

    private void warn(String check, String detail) {
        findings.add(DoctorFinding.warn(check, detail));
    }

    private void fail(String check, Exit exit, String detail) {
        findings.add(DoctorFinding.fail(check, exit, detail));
    }
}
