package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Module lists, for warm-ups with more modules than a request can contain. */
@Path(Paths.MODULE_LISTS)
@Tag(name = "Warm-ups")
@RunOnVirtualThread
public final class ModuleListsResource {
    private final ModuleLists lists;

    ModuleListsResource(ModuleLists lists) {
        this.lists = lists;
    }

    record Request(
            @NotNull @Size(min = 1, max = ModuleLists.MAX_MODULES)
            List<@NotNull @Size(max = 71) String> modules) {}

    /** @param list digest of the list, for warm-up requests */
    record Stored(String list) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.REQUEST)
    @Operation(summary = "Stores a list of up to 10,000 modules for warm-ups")
    @APIResponse(responseCode = "200", description = "the list is stored for at least 30 days")
    public Stored put(@NotNull @Valid Request request) {
        return new Stored(
                lists.put(request.modules().stream().map(Names::module).toList())
                        .toString());
    }
}
