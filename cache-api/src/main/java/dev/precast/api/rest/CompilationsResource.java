package dev.precast.api.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.api.Compilations;
import dev.precast.api.Compilations.Answer;
import dev.precast.api.auth.Role;
import dev.precast.artifact.ArtifactKey;
import dev.precast.compile.Priority;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Compilations: asking for an artifact, and waiting for it. */
@Path("/v1/compilations")
@Tag(name = "Compilations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class CompilationsResource {
    private static final Duration QUEUE_FULL = Duration.ofSeconds(10);

    private final Compilations compilations;
    private final InstantSource clock;

    CompilationsResource(Compilations compilations, InstantSource clock) {
        this.compilations = compilations;
        this.clock = clock;
    }

    /** @param priority {@code hot}, the default, or {@code warm} */
    record Request(
            @NotNull @Size(max = 71) String module,
            @NotNull @Size(max = 128) String engine,
            @NotNull @Size(max = 71) String engineHash,
            @NotNull @Size(max = 71) String config,
            @NotNull @Size(max = 128) String target,

            @Nullable @Pattern(regexp = "hot|warm", message = "must be hot or warm")
            String priority) {
        ArtifactKey key() {
            return Names.lane(engine, engineHash, config, target).key(Names.module(module));
        }
    }

    /** @param state {@code present}, with {@code href} and {@code attestation}, or {@code compiling} */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record State(
            String key,
            String state,
            @Nullable String href,

            @Nullable @JsonRawValue @Schema(type = SchemaType.OBJECT)
            String attestation) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(Role.REQUEST)
    @Operation(summary = "Asks for an artifact; with Prefer: wait=N answers when it is done")
    @APIResponse(responseCode = "200", description = "it exists")
    @APIResponse(responseCode = "202", description = "it is queued or in work")
    @APIResponse(responseCode = "404", description = "module-unknown")
    @APIResponse(responseCode = "409", description = "engine-not-served")
    @APIResponse(responseCode = "422", description = "module-rejected")
    @APIResponse(responseCode = "503", description = "compilation-failed, queue-full, queue- or store-unavailable")
    public Response request(@NotNull @Valid Request request, @Context HttpHeaders headers) throws InterruptedException {
        Priority priority = "warm".equals(request.priority()) ? Priority.WARM : Priority.HOT;
        return response(compilations.request(request.key(), priority, wait(headers)));
    }

    @GET
    @Path("/{key}")
    @Requires(Role.READ)
    @Operation(summary = "What became of a request, by its key's digest")
    @APIResponse(responseCode = "200", description = "it exists")
    @APIResponse(responseCode = "202", description = "it is queued or in work")
    @APIResponse(responseCode = "404", description = "compilation-unknown")
    @APIResponse(responseCode = "422", description = "module-rejected")
    @APIResponse(responseCode = "503", description = "compilation-failed, store-unavailable")
    public Response find(@PathParam("key") String key, @Context HttpHeaders headers) throws InterruptedException {
        return response(compilations.find(Names.digest(key), wait(headers)));
    }

    private static Duration wait(HttpHeaders headers) {
        return Preferences.wait(headers.getRequestHeader("Prefer"));
    }

    private Response response(Answer answer) {
        return switch (answer) {
            case Answer.Present p ->
                Response.ok(new State(
                                p.key().digest().toString(),
                                "present",
                                Names.href(p.key()),
                                new String(p.standing().envelope(), StandardCharsets.UTF_8)))
                        .build();
            case Answer.Compiling c ->
                Response.status(202)
                        .header(
                                HttpHeaders.LOCATION,
                                "/v1/compilations/" + c.key().digest().hex())
                        .entity(new State(c.key().digest().toString(), "compiling", null, null))
                        .build();
            case Answer.ModuleUnknown m ->
                Problem.Code.MODULE_UNKNOWN.response("module " + m.key().module() + " is not stored");
            case Answer.EngineNotServed e -> Problem.Code.ENGINE_NOT_SERVED.response(e.why());
            case Answer.Rejected r ->
                Problem.Code.MODULE_REJECTED
                        .with(r.message())
                        .rejection(r.code())
                        .response()
                        .build();
            case Answer.Failed f ->
                Problem.Code.COMPILATION_FAILED
                        .with(f.outcome().cause().label() + ": " + f.outcome().message())
                        .retryAfter(
                                Duration.between(clock.instant(), f.outcome().retryAt()));
            case Answer.QueueFull q ->
                Problem.Code.QUEUE_FULL.with("the queue takes no more now").retryAfter(QUEUE_FULL);
            case Answer.Unknown u ->
                Problem.Code.COMPILATION_UNKNOWN.response(
                        "key " + u.digest() + " is neither done nor queued; POST asks for it");
        };
    }
}
