package dev.precast.cli;

import dev.precast.host.service.ServiceException;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.net.ConnectException;
import java.util.Optional;

/** What states of keys and failed calls mean for the exit code. */
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
                                ? message + " (start a service with: precast serve)"
                                : message,
                        e);
        };
    }

    /** @param status of the HTTP answer */
    static Exit exit(int status, Optional<ProblemCode> code) {
        Exit byStatus = switch (status) {
            case 404 -> Exit.NOT_FOUND;
            case 422 -> Exit.REJECTED;
            case 502, 503, 504 -> Exit.UNREACHABLE;
            default -> Exit.OTHER;
        };
        return code.map(known -> switch (known) {
                    case MODULE_REJECTED, NOT_WASM, MODULE_TOO_LARGE -> Exit.REJECTED;
                    case COMPILATION_FAILED, ENGINE_NOT_SERVED -> Exit.NOT_FOUND;
                    case POLICY_REFUSED -> Exit.UNVERIFIED;
                    default -> byStatus;
                })
                .orElse(byStatus);
    }

    /** A key that has no artifact. */
    static CommandFailed failure(KeyState state, String subject) {
        return switch (state) {
            case KeyState.Rejected(String code, String message) ->
                new CommandFailed(Exit.REJECTED, "module-rejected", code + ": " + message);
            case KeyState.Failed failed -> new CommandFailed(Exit.NOT_FOUND, "compilation-failed", failed.message());
            case KeyState.Compiling _ ->
                new CommandFailed(Exit.NOT_FOUND, "not-compiled", subject + " is being compiled");
            case KeyState.Absent _ -> new CommandFailed(Exit.NOT_FOUND, "not-compiled", subject + " is not compiled");
            case KeyState.Present _ -> throw new IllegalArgumentException(subject + " has an artifact");
        };
    }
}
