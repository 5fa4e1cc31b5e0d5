package dev.precast.cache.damage;

import com.github.luben.zstd.ZstdIOException;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.damage.DamageListener.Result;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.ContentStore.IfStored;
import dev.precast.cache.store.DamageLog;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.cache.store.ZstdForm;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Checks the payload of a key by reading all its forms. Rebuilds a damaged form from the other one; if neither is whole,
 * deletes both, so that the key is absent and the next request compiles it. The store verifies the digest of what is
 * rebuilt, so a wrong reason for a check changes nothing.
 *
 * <p>Thread safe.
 */
public final class Healer {
    private static final System.Logger LOG = System.getLogger(Healer.class.getName());

    private final Artifacts artifacts;
    private final RetiredArtifacts retired;
    private final ContentStore payloads;
    private final ByteRate rate;
    private final Brake brake;
    private final Consumer<ArtifactKey> lost;
    private final DamageListener listener;

    /**
     * @param rate limits how fast payloads are read
     * @param clock for the limit of deletions in an hour
     * @param lost gets each key whose payload is gone
     */
    public Healer(
            Artifacts artifacts,
            RetiredArtifacts retired,
            ContentStore payloads,
            ByteRate rate,
            InstantSource clock,
            Consumer<ArtifactKey> lost,
            DamageListener listener) {
        this.artifacts = artifacts;
        this.retired = retired;
        this.payloads = payloads;
        this.rate = rate;
        this.brake = new Brake(clock);
        this.lost = lost;
        this.listener = listener;
    }

    /** Checks the payload of a key, also if it was retired a short time ago. Does not throw if the store fails. */
    public Healed heal(ArtifactKey key) {
        return heal(key, rate);
    }

    /**
     * Like {@link #heal(ArtifactKey)}.
     *
     * @param within limits how fast the payload is read, instead of the limit of this object
     */
    Healed heal(ArtifactKey key, ByteRate within) {
        try {
            Optional<StoredArtifact> artifact = artifacts.attested(key).or(() -> retired.find(key));
            return artifact.isPresent() ? heal(key, artifact.get(), within) : Healed.ABSENT;
        } catch (IOException | StoreException e) {
            LOG.log(Level.WARNING, "artifact of " + key + ": cannot be checked: " + e.getMessage());
            return Healed.UNKNOWN;
        }
    }

    private Healed heal(ArtifactKey key, StoredArtifact artifact, ByteRate within) throws IOException {
        brake.checked();
        Form raw = check(artifact.payload(), within);
        Optional<Form> zstd = artifact.compressed().map(form -> check(form, within));
        List<Form> forms = Stream.concat(Stream.of(raw), zstd.stream()).toList();
        if (forms.stream().anyMatch(form -> form.state() instanceof ContentCheck.Result.Unreadable)) {
            listener.found(Result.UNREADABLE);
            return Healed.UNKNOWN;
        }
        if (forms.stream().allMatch(Form::isWhole)) {
            return Healed.WHOLE;
        }
        if (raw.isWhole()) {
            return compress(raw, zstd.orElseThrow());
        }
        if (zstd.isPresent() && zstd.get().isWhole() && decompress(zstd.get(), raw)) {
            return Healed.REBUILT;
        }
        return drop(key, forms);
    }

    private Form check(SizedDigest form, ByteRate within) {
        ContentCheck.Result state = ContentCheck.of(payloads, form.digest(), within);
        switch (state) {
            case ContentCheck.Result.Whole whole -> listener.checked(whole.size());
            case ContentCheck.Result.Damaged damaged -> listener.checked(damaged.size());
            case ContentCheck.Result.Missing _, ContentCheck.Result.Unreadable _ -> {}
        }
        return new Form(form, state);
    }

    /** Rebuilds the zstd form; deletes it if another version of zstd made it. */
    private Healed compress(Form raw, Form zstd) throws IOException {
        try (InputStream in = ZstdForm.encoded(open(raw))) {
            if (isStored(in, zstd)) {
                tell(zstd, Result.REBUILT, "rebuilt from the uncompressed form");
                return Healed.REBUILT;
            }
        } catch (LinkageError e) {
            LOG.log(Level.WARNING, "zstd: native library missing, payloads are not rebuilt: " + e.getMessage());
        }
        if (zstd.isMissing()) {
            return Healed.WHOLE;
        }
        if (!brake.allows()) {
            return held(zstd);
        }
        payloads.delete(zstd.digest());
        tell(zstd, Result.DELETED, "deleted; hosts get the uncompressed form");
        return Healed.REBUILT;
    }

    /** Rebuilds the uncompressed form; false if that is not possible. */
    private boolean decompress(Form zstd, Form raw) throws IOException {
        try (InputStream in = ZstdForm.decoded(open(zstd))) {
            boolean stored = isStored(in, raw);
            if (stored) {
                tell(raw, Result.REBUILT, "rebuilt from the zstd form");
            }
            return stored;
        } catch (ZstdIOException e) {
            LOG.log(Level.WARNING, "payload " + zstd.digest() + ": is no zstd form: " + e.getMessage());
            return false;
        } catch (LinkageError e) {
            LOG.log(Level.WARNING, "zstd: native library missing, payloads are not rebuilt: " + e.getMessage());
            return false;
        }
    }

    private Healed drop(ArtifactKey key, List<Form> forms) {
        if (forms.stream().allMatch(Form::isMissing)) {
            lost.accept(key);
            return Healed.ABSENT;
        }
        if (!brake.allows()) {
            return held(forms.getFirst());
        }
        for (Form form : forms) {
            payloads.delete(form.digest());
            if (!form.isMissing()) {
                tell(form, Result.DELETED, "deleted; the next request compiles module " + key.module() + " again");
            }
        }
        lost.accept(key);
        return Healed.DROPPED;
    }

    private Healed held(Form form) {
        tell(
                form,
                Result.HELD,
                "not deleted, because this process has deleted at least " + Brake.ALWAYS
                        + " damaged payloads in the last hour; check its memory and the store");
        return Healed.UNKNOWN;
    }

    private InputStream open(Form form) throws IOException {
        return payloads.find(form.digest())
                .orElseThrow(() -> new FileNotFoundException("payload " + form.digest() + ": was deleted"))
                .open();
    }

    private boolean isStored(InputStream in, Form form) throws IOException {
        ContentStore.Put put = payloads.put(in, form.digest(), form.form().size(), IfStored.REPLACE);
        return put instanceof ContentStore.Put.Stored;
    }

    private void tell(Form form, Result result, String what) {
        listener.found(result);
        String found = form.state() instanceof ContentCheck.Result.Damaged damaged
                ? damaged.found() + " of " + damaged.size() + " bytes"
                : "nothing";
        DamageLog.SHARED.found("payload " + form.digest(), "found " + found + "; " + what);
    }

    private record Form(SizedDigest form, ContentCheck.Result state) {
        Digest digest() {
            return form.digest();
        }

        boolean isWhole() {
            return state instanceof ContentCheck.Result.Whole;
        }

        boolean isMissing() {
            return state instanceof ContentCheck.Result.Missing;
        }
    }
}
