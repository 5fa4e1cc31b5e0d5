package dev.precast.host;

import dev.precast.artifact.VisibleText;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Calls each listener and logs its exceptions, so that listeners cannot affect each other. This class and {@link Log}
 * are records, because the first lambda in a JVM takes milliseconds.
 */
record Listeners(List<PrecastListener> all) implements PrecastListener {
    static final Listeners NONE = new Listeners(List.of());

    private static System.Logger log() {
        return System.getLogger("dev.precast.host");
    }

    @Override
    public void on(PrecastEvent event) {
        for (PrecastListener listener : all) {
            try {
                listener.on(event);
            } catch (RuntimeException e) {
                log().log(Level.WARNING, "listener: failed", e);
            }
        }
    }

    /** See {@link PrecastListener#logging}. */
    record Log() implements PrecastListener {
        @Override
        public void on(PrecastEvent event) {
            if (event instanceof PrecastEvent.Refused refused) {
                warn("refused " + refused.subject() + ": " + refused.detail());
            } else if (event instanceof PrecastEvent.Incompatible incompatible) {
                warn("module " + incompatible.module() + ": loaded, but this host cannot instantiate it: "
                        + incompatible.why());
            } else if (event instanceof PrecastEvent.Degraded degraded) {
                warn(degraded.what());
            } else if (event instanceof PrecastEvent.PolicyExpires policy) {
                warn("trust policy " + policy.version() + (policy.age().isExpired() ? " expired at " : " expires at ")
                        + policy.expiresAt() + "; publish the next version");
            }
        }

        private static void warn(String text) {
            log().log(Level.WARNING, VisibleText.line(text));
        }
    }
}
