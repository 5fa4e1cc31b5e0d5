package dev.precast.attestation;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The attestation as an in-toto Statement v1 with SLSA provenance v1. The subjects are the artifact key and the
 * payload's raw form, compressed form and index; the external parameters are the parts of the key and the payload's
 * format.
 *
 * <p>Parsing is strict: it refuses missing, unknown or misplaced members and any text that is not the canonical form.
 */
final class Statement {
    static final String TYPE = "https://in-toto.io/Statement/v1";
    static final String PREDICATE_TYPE = "https://slsa.dev/provenance/v1";
    static final String BUILD_TYPE = "urn:precast:compile:v1";

    private static final String KEY = "artifact-key";
    private static final String PAYLOAD = "payload";
    private static final String COMPRESSED = "payload.zst";
    private static final String INDEX = "index";

    private Statement() {}

    static byte[] toJson(Attestation a) {
        List<Json> subjects = new ArrayList<>();
        subjects.add(resource(KEY, a.key().digest()));
        subjects.add(sized(PAYLOAD, a.payload()));
        if (a.compressed().isPresent()) {
            subjects.add(sized(COMPRESSED, a.compressed().get()));
        }
        if (a.index().isPresent()) {
            subjects.add(sized(INDEX, a.index().get()));
        }

        Lane lane = a.lane();
        JsonObject external = JsonObject.EMPTY
                .with("module", sized("module", new SizedDigest(a.module().digest(), a.moduleBytes())))
                .with("engine", lane.engine().toString())
                .with("engineHash", lane.engineHash().toString())
                .with("config", lane.config().options())
                .with("target", lane.target().toString())
                .with("format", a.format());
        JsonObject definition = JsonObject.EMPTY
                .with("buildType", BUILD_TYPE)
                .with("externalParameters", external)
                .with(
                        "resolvedDependencies",
                        Json.of(List.of(
                                resource("engine-pack", a.pack()), JsonObject.EMPTY.with("name", a.runtime()))));
        JsonObject run = JsonObject.EMPTY
                .with("builder", JsonObject.EMPTY.with("id", a.builder()))
                .with(
                        "metadata",
                        JsonObject.EMPTY
                                .with("startedOn", Times.format(a.startedOn()))
                                .with("finishedOn", Times.format(a.finishedOn())));
        return JsonObject.EMPTY
                .with("_type", TYPE)
                .with("subject", Json.of(subjects))
                .with("predicateType", PREDICATE_TYPE)
                .with(
                        "predicate",
                        JsonObject.EMPTY.with("buildDefinition", definition).with("runDetails", run))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    static Attestation fromJson(byte[] json) throws RefusedException {
        try {
            Attestation attestation = read(Json.parse(json).asObject("statement"));
            if (!Arrays.equals(toJson(attestation), json)) {
                throw new RefusedException(Check.STATEMENT, "not in canonical form, or has unknown members");
            }
            return attestation;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.STATEMENT, e.getMessage());
        }
    }

    private static Attestation read(JsonObject statement) throws RefusedException {
        expect("_type", TYPE, statement.string("_type"));
        expect("predicateType", PREDICATE_TYPE, statement.string("predicateType"));
        JsonObject predicate = statement.object("predicate");
        JsonObject definition = predicate.object("buildDefinition");
        expect("buildType", BUILD_TYPE, definition.string("buildType"));
        JsonObject external = definition.object("externalParameters");
        JsonObject module = external.object("module");
        List<Json> dependencies = definition.array("resolvedDependencies");
        if (dependencies.size() != 2) {
            throw new RefusedException(
                    Check.STATEMENT,
                    "resolvedDependencies: expected 2 (pack and runtime), found " + dependencies.size());
        }
        JsonObject run = predicate.object("runDetails");
        JsonObject metadata = run.object("metadata");
        List<Json> subjects = statement.array("subject");
        Attestation attestation = new Attestation(
                new ModuleDigest(digest(module)),
                module.object("annotations").integer("size", 0, Json.MAX_INT),
                new Lane(
                        EngineId.parse(external.string("engine")),
                        EngineHash.parse(external.string("engineHash")),
                        new CompileConfig(external.object("config")),
                        new Target(external.string("target"))),
                external.string("format"),
                sized(required(subjects, PAYLOAD)),
                subject(subjects, COMPRESSED),
                subject(subjects, INDEX),
                digest(dependencies.get(0).asObject("engine-pack")),
                dependencies.get(1).asObject("runtime").string("name"),
                run.object("builder").string("id"),
                Times.parse(metadata.string("startedOn")),
                Times.parse(metadata.string("finishedOn")));
        Digest signedKey = digest(required(subjects, KEY));
        expect("subject " + KEY, attestation.key().digest().toString(), signedKey.toString());
        return attestation;
    }

    private static Optional<SizedDigest> subject(List<Json> subjects, String name) {
        JsonObject found = find(subjects, name);
        return found == null ? Optional.empty() : Optional.of(sized(found));
    }

    private static JsonObject required(List<Json> subjects, String name) {
        JsonObject found = find(subjects, name);
        if (found == null) {
            throw new JsonException("subject " + name + ": missing");
        }
        return found;
    }

    private static @Nullable JsonObject find(List<Json> subjects, String name) {
        for (Json subject : subjects) {
            if (subject.asObject("subject").string("name").equals(name)) {
                return subject.asObject("subject");
            }
        }
        return null;
    }

    private static SizedDigest sized(JsonObject subject) {
        return new SizedDigest(digest(subject), subject.object("annotations").integer("size", 0, Json.MAX_INT));
    }

    private static Digest digest(JsonObject resource) {
        return new Digest(
                resource.object("digest").only("digest", Set.of("sha256")).string("sha256"));
    }

    private static JsonObject resource(String name, Digest digest) {
        return JsonObject.EMPTY.with("name", name).with("digest", JsonObject.EMPTY.with("sha256", digest.hex()));
    }

    private static JsonObject sized(String name, SizedDigest sized) {
        return resource(name, sized.digest()).with("annotations", JsonObject.EMPTY.with("size", sized.size()));
    }

    private static void expect(String what, String expected, String found) throws RefusedException {
        if (!expected.equals(found)) {
            throw new RefusedException(Check.STATEMENT, what + ": expected " + expected + ", found " + found);
        }
    }
}
