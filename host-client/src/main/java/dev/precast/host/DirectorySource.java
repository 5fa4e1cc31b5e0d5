package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.protocol.ArtifactFolder;
import dev.precast.protocol.KeyState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A folder with artifacts, as {@code precast get --out} writes it: attestations as {@code <key digest>.dsse.json},
 * payloads (not compressed) as {@code <payload digest>}, the policy as {@code trust-policy.dsse.json}, and the proof that
 * it is current as {@code trust-current.json}; digests as 64 hexadecimal digits. Writers may change the folder during reads if they create each file by a rename, and a payload
 * before its attestation.
 */
public final class DirectorySource implements ArtifactSource {
    private final Path folder;

    public DirectorySource(Path folder) {
        this.folder = folder;
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        List<Finding> found = new ArrayList<>(modules.size());
        for (ModuleDigest module : modules) {
            found.add(find(module, lanes));
        }
        return found;
    }

    private Finding find(ModuleDigest module, List<LaneId> lanes) throws IOException {
        for (LaneId lane : lanes) {
            ArtifactKey key = lane.key(module);
            Optional<byte[]> envelope = read(ArtifactFolder.attestation(key.digest()), Envelope.MAX_BYTES);
            if (envelope.isPresent()) {
                return new Finding(key, new KeyState.Present(envelope.get()));
            }
        }
        return new Finding(lanes.get(0).key(module), new KeyState.Absent(false));
    }

    @Override
    public InputStream open(Attestation attestation) throws IOException {
        Path file = folder.resolve(ArtifactFolder.payload(attestation.payload().digest()));
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new FileNotFoundException("payload " + file + ": not found");
        }
    }

    @Override
    public Optional<byte[]> trust() throws IOException {
        return read(ArtifactFolder.POLICY, Envelope.MAX_BYTES);
    }

    @Override
    public Optional<byte[]> current() throws IOException {
        return read(ArtifactFolder.CURRENT, FreshnessProof.MAX_BYTES);
    }

    /** Reads one byte more than {@code maxBytes} if the file is larger, so that its reader refuses it. */
    private Optional<byte[]> read(String name, int maxBytes) throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            return Optional.of(in.readNBytes(maxBytes + 1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "folder " + folder;
    }
}
