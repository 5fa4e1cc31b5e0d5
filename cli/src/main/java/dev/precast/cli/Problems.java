package dev.precast.cli;

import dev.precast.host.MissReason;
import dev.precast.host.service.ServiceException;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.net.ConnectException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maps states of keys and failed calls to exit codes and messages. */
final class Problems {
    private Problems() {}

    static CommandFailed failure(ServiceException e) {
        String message = String.valueOf(e.getMessage());
        return switch (e) {
            case ServiceException.Problem problem ->
                new CommandFailed(exit(problem.status(), problem.code()), problem.label(), problem.detail(), e);
            case ServiceException.BadAnswer _ -> new CommandFailed(Exit.OTHER, "bad-answer", message, e);
            case ServiceException.NoAnswer _ ->
                new CommandFailed(
                        Exit.UNREACHABLE,
                        "unreachable",
                        e.getCause() instanceof ConnectException
                                ? message + "; start a service with: precast serve"
                                : message,
                        e);
        };
    }

    /** @param status status of the HTTP answer; used if the code is missing or has no exit code of its own */
    static Exit exit(int status, Optional<ProblemCode> code) {
        Exit byStatus = switch (status) {
            case 404 -> Exit.NOT_FOUND;
            case 422 -> Exit.REJECTED;
            case 502, 503, 504 -> Exit.UNREACHABLE;
            default -> Exit.OTHER;
        };
        return code.map(known -> exit(known, byStatus)).orElse(byStatus);
    }

    private static Exit exit(ProblemCode code, Exit otherwise) {
        return switch (code) {
            case MODULE_REJECTED, NOT_WASM, MODULE_TOO_LARGE -> Exit.REJECTED;
            case COMPILATION_FAILED, ENGINE_NOT_SERVED, MODULE_UNKNOWN, ARTIFACT_UNKNOWN -> Exit.NOT_FOUND;
            case POLICY_REFUSED -> Exit.UNVERIFIED;
            case TOO_MANY_REQUESTS, QUEUE_FULL, QUEUE_UNAVAILABLE, NO_WORKER, STORE_UNAVAILABLE, NO_POLICY, STOPPING ->
                Exit.UNREACHABLE;
            default -> otherwise;
        };
    }

    /**
     * The failure for a missing artifact.
     *
     * @param subject start of the message
     */
    static CommandFailed failure(MissReason reason, String subject) {
        return failure(reason, subject + ": " + reason.text(), null);
    }

    static CommandFailed failure(MissReason reason, String message, @Nullable Throwable cause) {
        return switch (reason) {
            case MissReason.Refused _ -> new CommandFailed(Exit.UNVERIFIED, "refused", message, cause);
            case MissReason.NoLaneLoads _ -> new CommandFailed(Exit.NOT_FOUND, "engine-not-loadable", message, cause);
            case MissReason.NoSourceAnswers _, MissReason.NotLoaded _ ->
                new CommandFailed(Exit.UNREACHABLE, "unreachable", message, cause);
            case MissReason.NoArtifact none ->
                switch (none.state()) {
                    case KeyState.Rejected _ -> new CommandFailed(Exit.REJECTED, "module-rejected", message, cause);
                    case KeyState.Failed _ -> new CommandFailed(Exit.NOT_FOUND, "compilation-failed", message, cause);
                    case KeyState.Compiling _, KeyState.Absent _, KeyState.Present _ ->
                        new CommandFailed(Exit.NOT_FOUND, "not-compiled", message, cause);
                };
            case MissReason.NotAccepted refused ->
                new CommandFailed(
                        refused.code().map(code -> exit(code, Exit.OTHER)).orElse(Exit.UNREACHABLE),
                        refused.code().map(ProblemCode::label).orElse("not-accepted"),
                        message,
                        cause);
        };
    }
}
