package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.api.json.Problem;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Modules;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.module.WasmKind;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Modules: download, and upload as a stream; the upload checks the digest. */
@Path(Paths.MODULES)
@Tag(name = "Modules")
@RunOnVirtualThread
public final class ModulesResource {
    private static final MediaType WASM = new MediaType("application", "wasm");
    /**
     * If less than this of a refused body remains, the body is read to its end, so that the client gets the answer and
     * can reuse the connection.
     */
    private static final int SMALL_REST_BYTES = 1 << 20;

    private final Modules modules;
    private final UploadGate gate;
    private final DownloadGate downloads;
    private final ApiMetrics metrics;

    ModulesResource(Modules modules, UploadGate gate, DownloadGate downloads, ApiMetrics metrics) {
        this.modules = modules;
        this.gate = gate;
        this.downloads = downloads;
        this.metrics = metrics;
    }

    /** @param kind {@code module} or {@code component} */
    record Stored(String digest, long size, String kind) {}

    @PUT
    @Path("/{sha256}")
    @Consumes(MediaType.WILDCARD)
    @Requires(Role.UPLOAD)
    @Operation(summary = "Stores a module under its digest")
    @APIResponse(responseCode = "201", description = "new")
    @APIResponse(responseCode = "200", description = "known")
    @APIResponse(responseCode = "409", description = "digest-mismatch")
    @APIResponse(responseCode = "413", description = "module-too-large")
    @APIResponse(responseCode = "422", description = "not-wasm")
    @APIResponse(responseCode = "507", description = "store-full")
    public Response put(
            @PathParam("sha256") String sha256,
            @HeaderParam(HttpHeaders.CONTENT_LENGTH) @Nullable Long length,
            InputStream body)
            throws IOException, InterruptedException {
        return store(Names.module(sha256), length, body);
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Requires(Role.UPLOAD)
    @Operation(summary = "Stores a module and returns its digest")
    @APIResponse(responseCode = "201", description = "the module is new; Location is its path")
    @APIResponse(responseCode = "200", description = "known")
    @APIResponse(responseCode = "413", description = "module-too-large")
    @APIResponse(responseCode = "422", description = "not-wasm")
    @APIResponse(responseCode = "507", description = "store-full")
    public Response post(@HeaderParam(HttpHeaders.CONTENT_LENGTH) @Nullable Long length, InputStream body)
            throws IOException, InterruptedException {
        return store(null, length, body);
    }

    private Response store(@Nullable ModuleDigest expected, @Nullable Long length, InputStream in)
            throws IOException, InterruptedException {
        if (length != null && length > modules.maxBytes()) {
            return tooLarge("found " + length);
        }
        Body body = gate.enter(in).orElse(null);
        if (body == null) {
            return Problem.response(
                    ProblemCode.TOO_MANY_REQUESTS,
                    "uploads: too many (expected at most " + gate.most() + " concurrent uploads); retry later");
        }
        try {
            Modules.Put put = modules.put(body, expected);
            boolean whole = isWhole(put) || body.skip(SMALL_REST_BYTES) < SMALL_REST_BYTES;
            Response response = answer(put, expected);
            return whole
                    ? response
                    : Response.fromResponse(response)
                            .header("Connection", "close")
                            .build();
        } finally {
            metrics.received(body.bytesRead());
            gate.leave(body);
        }
    }

    /** Whether the body was read to its end. */
    private static boolean isWhole(Modules.Put put) {
        return put instanceof Modules.Put.Wasm wasm
                && (wasm.result() instanceof ContentStore.Put.Stored
                        || wasm.result() instanceof ContentStore.Put.WrongDigest);
    }

    private Response answer(Modules.Put put, @Nullable ModuleDigest expected) {
        return switch (put) {
            case Modules.Put.Wasm(WasmKind kind, ContentStore.Put result) ->
                switch (result) {
                    case ContentStore.Put.Stored stored -> stored(stored, kind);
                    case ContentStore.Put.WrongDigest wrong ->
                        Problem.response(
                                ProblemCode.DIGEST_MISMATCH,
                                "module: expected " + expected + ", found " + wrong.found());
                    case ContentStore.Put.TooLarge _ -> tooLarge("found more");
                    case ContentStore.Put.Full full ->
                        Problem.response(
                                ProblemCode.STORE_FULL,
                                "modules: quota exceeded (expected at most " + full.quotaBytes() + " bytes, found "
                                        + full.usedBytes() + " stored or being written); the operator must free space");
                };
            case Modules.Put.NotWasm other ->
                Problem.response(
                        ProblemCode.NOT_WASM,
                        "module: expected the preamble of a module or component, found the bytes \"" + other.found()
                                + "\"");
        };
    }

    private static Response stored(ContentStore.Put.Stored stored, WasmKind kind) {
        return Response.status(stored.created() ? 201 : 200)
                .header(HttpHeaders.LOCATION, Paths.module(new ModuleDigest(stored.digest())))
                .entity(new Stored(stored.digest().toString(), stored.size(), label(kind)))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    private Response tooLarge(String found) {
        return Problems.closing(new Problem(
                ProblemCode.MODULE_TOO_LARGE, "module: expected at most " + modules.maxBytes() + " bytes, " + found));
    }

    private static String label(WasmKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @GET
    @Path("/{sha256}")
    @Requires(Role.MODULE_READ)
    @Operation(summary = "Returns the bytes of a module")
    @APIResponse(responseCode = "200", description = "application/wasm, with ETag")
    @APIResponse(responseCode = "404", description = "module-unknown")
    @APIResponse(responseCode = "429", description = "too-many-requests")
    public Response get(
            @PathParam("sha256") String sha256, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        return find(sha256, headers, true, context);
    }

    @HEAD
    @Path("/{sha256}")
    @Requires(Role.READ)
    @Operation(summary = "Checks whether a module is stored")
    @APIResponse(responseCode = "200", description = "the module is stored")
    @APIResponse(responseCode = "404", description = "module-unknown")
    public Response head(
            @PathParam("sha256") String sha256, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        return find(sha256, headers, false, context);
    }

    private Response find(String sha256, HttpHeaders headers, boolean body, RoutingContext context)
            throws InterruptedException {
        ModuleDigest module = Names.module(sha256);
        Blob blob = modules.find(module).orElse(null);
        return blob == null
                ? Problem.response(ProblemCode.MODULE_UNKNOWN, "module " + module + " is not stored")
                : new Content(blob, module.digest(), WASM, null)
                        .response(headers, body, downloads.download(context, bytes -> metrics.sent("module", bytes)));
    }
}
