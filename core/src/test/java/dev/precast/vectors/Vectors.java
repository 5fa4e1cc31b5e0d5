package dev.precast.vectors;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.Samples;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleWriter;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Computes the expected files of {@code docs/vectors}, except {@code outcome-*.json}, which a test of the module
 * {@code cache} computes.
 */
public final class Vectors {
    private static final byte[] EMPTY_MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private Vectors() {}

    static Map<String, Json> all() {
        Map<String, Json> files = new TreeMap<>();
        files.put("canonical-json", canonicalJson());
        files.put("keys", keys());
        files.put("bundle", bundleVector());
        files.put(
                "attestation",
                envelope(attestation().sign(Samples.KEY))
                        .with("key", attestation().key().canonical()));
        files.put("attestation-compressed", envelope(Samples.attestation().sign(Samples.KEY)));
        files.put("trust-policy", envelope(policy().sign(Samples.KEY)));
        files.put("appointment", FreshnessVectors.appointment());
        files.put("current-policy", FreshnessVectors.currentPolicy());
        return files;
    }

    static List<String> refusedJson() {
        return List.of(
                "{\"a\":1,\"a\":1}",
                "{\"a\":1,\"\\u0061\":1}",
                "1.0",
                "1e2",
                "9007199254740992",
                "\"\\ud800\"",
                "[1,]",
                "{} {}",
                "[".repeat(65) + "]".repeat(65));
    }

    private static Json canonicalJson() {
        List<Json> accepted = new ArrayList<>();
        for (String text : List.of(
                "{}",
                " [ 1 , -2 , true , null ] ",
                "-0",
                "9007199254740991",
                "{\"b\":1,\"a\":{\"d\":[],\"c\":\"\"}}",
                "{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"\\r\":4,\"1\":5}",
                "\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\\u007f\"")) {
            String canonical = Json.parse(text).canonical();
            accepted.add(JsonObject.EMPTY
                    .with("text", text)
                    .with("canonical", canonical)
                    .with("sha256", Digest.of(bytes(canonical)).hex()));
        }
        return JsonObject.EMPTY.with("accepted", Json.of(accepted)).with("refused", Json.ofStrings(refusedJson()));
    }

    private static Json keys() {
        Lane other = new Lane(
                Samples.LANE.engine(), Samples.LANE.engineHash(), CompileConfig.parse("{}"), new Target("pulley64"));
        return JsonObject.EMPTY.with(
                "keys", Json.of(List.of(key(Samples.LANE, ModuleDigest.of(EMPTY_MODULE)), key(other, Samples.MODULE))));
    }

    private static JsonObject key(Lane lane, ModuleDigest module) {
        ArtifactKey key = lane.id().key(module);
        return JsonObject.EMPTY
                .with("module", module.toString())
                .with("engine", lane.engine().toString())
                .with("engineHash", lane.engineHash().toString())
                .with("config", lane.config().options())
                .with("configHash", lane.config().hash().toString())
                .with("target", lane.target().toString())
                .with("laneCanonical", lane.id().canonical())
                .with("lane", lane.id().digest().toString())
                .with("keyCanonical", key.canonical())
                .with("key", key.digest().toString());
    }

    private static byte[] bundle() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new BundleWriter()
                    .add("skeleton.wasm", EMPTY_MODULE)
                    .add("class/precast/Module", bytes("not a class"))
                    .add("body/7", new byte[] {0, 0x0b})
                    .writeTo(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static byte[] prefix() {
        byte[] bundle = bundle();
        try {
            return Arrays.copyOf(bundle, BundleIndex.prefixBytes(bundle));
        } catch (BundleException e) {
            throw new AssertionError(e);
        }
    }

    private static Json bundleVector() {
        byte[] bundle = bundle();
        List<Json> entries = new ArrayList<>();
        try {
            for (BundleEntry e :
                    BundleIndex.parse(prefix(), bundle.length).entries().values()) {
                entries.add(JsonObject.EMPTY
                        .with("name", e.name())
                        .with("offset", e.offset())
                        .with("length", e.length())
                        .with("sha256", e.sha256().hex())
                        .with("hex", hex(Arrays.copyOfRange(bundle, (int) e.offset(), (int) e.offset() + e.length()))));
            }
        } catch (BundleException e) {
            throw new AssertionError(e);
        }
        List<Json> refused = new ArrayList<>();
        refusedPrefixes()
                .forEach((why, prefix) ->
                        refused.add(JsonObject.EMPTY.with("why", why).with("prefixHex", hex(prefix))));
        return JsonObject.EMPTY
                .with("hex", hex(bundle))
                .with("payload", Digest.of(bundle).toString())
                .with("payloadBytes", bundle.length)
                .with("index", Digest.of(prefix()).toString())
                .with("indexBytes", prefix().length)
                .with("entries", Json.of(entries))
                .with("refused", Json.of(refused));
    }

    /** Headers and indexes that a reader refuses even if they are signed, all with the same payload size. */
    static Map<String, byte[]> refusedPrefixes() {
        int first = BundleIndex.HEADER_BYTES;
        Map<String, byte[]> refused = new TreeMap<>();
        refused.put("another magic", changed(0, 'P'));
        refused.put("another version", changed(8, 2));
        refused.put("one entry less than the index holds", changed(12, 2));
        refused.put("a gap before the first entry", changed(first, prefix()[first] + 1));
        refused.put("names out of order", changed(first + 50, 'x'));
        refused.put("a name with a space", changed(first + 54, ' '));
        return refused;
    }

    static int bundleBytes() {
        return bundle().length;
    }

    private static byte[] changed(int at, int value) {
        byte[] prefix = prefix();
        prefix[at] = (byte) value;
        return prefix;
    }

    private static Attestation attestation() {
        return new Attestation(
                ModuleDigest.of(EMPTY_MODULE),
                EMPTY_MODULE.length,
                Samples.LANE,
                "jvm-bundle/1",
                new SizedDigest(Digest.of(bundle()), bundle().length),
                Optional.empty(),
                Optional.of(new SizedDigest(Digest.of(prefix()), prefix().length)),
                Samples.digest("pack"),
                "openjdk 25",
                Samples.BUILDER,
                Samples.NOW.minusSeconds(10),
                Samples.NOW.minusSeconds(1));
    }

    static TrustPolicy policy() {
        return new TrustPolicy(
                7,
                Samples.NOW.minusSeconds(60),
                Samples.NOW.plusSeconds(86_400),
                Duration.ofDays(3),
                List.of(Samples.trusted(Samples.KEY)),
                List.of(Samples.LANE.engine()),
                Set.of(Samples.digest("denied")),
                Set.of("java/lang/Math.abs:(I)I"));
    }

    /** The signed value, the signing key and the envelope. */
    public static JsonObject envelope(Envelope envelope) {
        return envelope(envelope, Samples.KEY, Samples.SECRET);
    }

    static JsonObject envelope(Envelope envelope, SigningKey key, String secret) {
        String payload = new String(Base64.getDecoder().decode(envelope.payload()), StandardCharsets.UTF_8);
        String type = envelope.payloadType();
        return JsonObject.EMPTY
                .with("secretKeyHex", secret)
                .with("publicKey", key.verifyingKey().toString())
                .with("payloadText", payload)
                .with(
                        "signedText",
                        "DSSEv1 " + bytes(type).length + " " + type + " " + bytes(payload).length + " " + payload)
                .with("envelope", Json.parse(envelope.toJson()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
