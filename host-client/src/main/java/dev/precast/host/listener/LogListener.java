package dev.precast.host.listener;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import java.lang.System.Logger.Level;

/** The listener of {@link PrecastListener#logging}. */
public final class LogListener implements PrecastListener {
    @Override
    public void on(PrecastEvent event) {
        if (event instanceof PrecastEvent.Refused refused) {
            warn("refused " + refused.subject() + ": " + refused.detail());
        } else if (event instanceof PrecastEvent.Incompatible incompatible) {
            warn("module " + incompatible.module() + ": loaded, but this host cannot instantiate it: "
                    + incompatible.why());
        } else if (event instanceof PrecastEvent.Degraded degraded) {
            warn(degraded.what());
        }
    }

    private static void warn(String message) {
        System.getLogger("dev.precast.host").log(Level.WARNING, message);
    }
}
