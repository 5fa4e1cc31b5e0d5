package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.usage.Usages;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Usage: hosts report the modules that they loaded; clients list the reported modules. */
@Path(Paths.USAGE)
@Tag(name = "Usage")
@RunOnVirtualThread
public final class UsageResource {
    private static final int MAX_MODULES = 1000;
    private static final int MAX_ANSWER = 10_000;

    private final Usages usages;

    UsageResource(Usages usages) {
        this.usages = usages;
    }

    /** @param group group of the host */
    record Report(
            @Nullable @Size(max = 64) String group,
            @NotNull @Size(max = 16) List<@NotNull @Valid Uses> uses) {}

    /**
     * @param lane digest of the lane
     * @param modules number of loads by module digest
     */
    record Uses(
            @NotNull @Size(max = 71) String lane,

            @NotNull @Size(max = MAX_MODULES)
            Map<@NotNull @Size(max = 71) String, @NotNull @Min(1) @Max(1_000_000_000) Integer> modules) {}

    /** @param modules digests of modules, most loaded first */
    record Used(List<String> modules) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "Reports the modules that a host loaded since its last report, including loads from disk")
    @APIResponse(responseCode = "204", description = "recorded; unregistered lanes and unknown modules are ignored")
    @APIResponse(responseCode = "503", description = "store-unavailable, no-policy")
    public void report(@NotNull @Valid Report report) {
        Optional<String> group = Optional.ofNullable(report.group()).map(Names::group);
        for (Uses uses : report.uses()) {
            Digest lane = Names.digest(uses.lane());
            Map<ModuleDigest, Integer> loads = new HashMap<>();
            uses.modules().forEach((module, count) -> loads.put(Names.module(module), count));
            usages.report(group, lane, loads);
        }
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "Lists the modules that hosts loaded within the given time before now")
    @APIResponse(responseCode = "200", description = "up to 10,000 modules, most loaded first")
    public Used used(@QueryParam("within") @DefaultValue("7d") String within) {
        return used(Optional.empty(), within);
    }

    @GET
    @Path("/{group}")
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "Lists the modules that hosts of a group loaded within the given time before now")
    @APIResponse(responseCode = "200", description = "up to 10,000 modules, most loaded first")
    public Used used(@PathParam("group") String group, @QueryParam("within") @DefaultValue("7d") String within) {
        return used(Optional.of(Names.group(group)), within);
    }

    private Used used(Optional<String> group, String within) {
        return new Used(usages.modules(group, Names.time("within", within)).stream()
                .limit(MAX_ANSWER)
                .map(ModuleDigest::toString)
                .toList());
    }
}
