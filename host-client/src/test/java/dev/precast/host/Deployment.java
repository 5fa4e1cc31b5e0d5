package dev.precast.host;

import com.github.luben.zstd.Zstd;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Appointment;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Keys, a lane, and artifacts of made-up modules. */
final class Deployment {
    static final Lane LANE = new Lane(
            EngineId.parse("fake@1.0+1"),
            EngineHash.parse("sha256:" + "a".repeat(64)),
            CompileConfig.parse("{}"),
            Target.JVM);
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    final SigningKey root;
    final SigningKey signer;
    final SigningKey online = SigningKey.generate();

    Deployment() {
        this(SigningKey.generate(), SigningKey.generate());
    }

    Deployment(SigningKey root, SigningKey signer) {
        this.root = root;
        this.signer = signer;
    }

    String rootText() {
        return root.verifyingKey().toString();
    }

    Envelope policy(long version) {
        return policy(version, Instant.parse("2100-01-01T00:00:00Z"), Set.of());
    }

    Envelope policy(long version, Instant expiresAt, Set<Digest> denied) {
        return new TrustPolicy(
                        version,
                        START,
                        expiresAt,
                        Duration.ofDays(7),
                        List.of(new TrustedKey(
                                signer.verifyingKey(),
                                "builder",
                                Set.of(),
                                Set.of(),
                                START,
                                Instant.parse("2100-01-01T00:00:00Z"))),
                        List.of(),
                        denied,
                        Set.of())
                .sign(root);
    }

    /**
     * A proof that a policy of the root is current, valid for a day from {@code now} on.
     *
     * @throws IllegalArgumentException if the root did not sign the policy
     */
    FreshnessProof proof(byte[] policy, Instant now) {
        return proof(policy, 1, now, now);
    }

    FreshnessProof proof(byte[] policy, long appointment, Instant appointedAt, Instant now) {
        Instant end = appointedAt.plus(Duration.ofDays(90));
        try {
            return new FreshnessProof(
                    new Appointment(appointment, online.verifyingKey(), appointedAt, end).sign(root),
                    CurrentPolicy.about(policy, TrustRoot.parse(rootText()), now, Duration.ofHours(24))
                            .sign(online));
        } catch (RefusedException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Gives a source the policy of version 1, and a proof that it is current. */
    void trust(MemorySource source, Instant now) {
        source.trust(policy(1));
        source.current(proof(policy(1).toJson(), now));
    }

    /** The wasm bytes of the module with that number; bytes that no engine would take. */
    static byte[] wasm(int number) {
        return ("module " + number).getBytes(StandardCharsets.UTF_8);
    }

    static ModuleDigest module(int number) {
        return ModuleDigest.of(wasm(number));
    }

    /** An artifact whose payload is a bundle of ten entries, {@code bytes} in all. */
    Artifact artifact(int number, int bytes) {
        BundleWriter bundle = new BundleWriter();
        Random random = new Random(number);
        for (int i = 0; i < 10; i++) {
            byte[] entry = new byte[bytes / 10];
            random.nextBytes(entry);
            bundle.add("class/Part_" + i, entry);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            bundle.writeTo(out);
            byte[] payload = out.toByteArray();
            int prefix = BundleIndex.prefixBytes(Arrays.copyOf(payload, BundleIndex.HEADER_BYTES));
            SizedDigest index = new SizedDigest(Digest.of(Arrays.copyOf(payload, prefix)), prefix);
            return artifact(number, payload, Zstd.compress(payload), Optional.of(index));
        } catch (IOException | BundleException e) {
            throw new AssertionError(e);
        }
    }

    Artifact artifact(int number, byte[] payload, byte[] zstd, Optional<SizedDigest> index) {
        return artifact(
                number,
                payload,
                zstd,
                index,
                new SizedDigest(Digest.of(payload), payload.length),
                new SizedDigest(Digest.of(zstd), zstd.length));
    }

    Artifact artifact(
            int number,
            byte[] payload,
            byte[] zstd,
            Optional<SizedDigest> index,
            SizedDigest signed,
            SizedDigest signedZstd) {
        byte[] wasm = wasm(number);
        Attestation attestation = new Attestation(
                ModuleDigest.of(wasm),
                wasm.length,
                LANE,
                "jvm-bundle/1",
                signed,
                Optional.of(signedZstd),
                index,
                Digest.of("pack".getBytes(StandardCharsets.UTF_8)),
                "test",
                "builder",
                START,
                START);
        return new Artifact(attestation, attestation.sign(signer), payload, zstd);
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Artifact(Attestation attestation, Envelope envelope, byte[] payload, byte[] zstd) {}
}
