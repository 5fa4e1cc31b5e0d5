package dev.precast.bench;

import java.io.IOException;
import java.util.List;

/** A module that can be instantiated. */
interface Ready {
    /**
     * Makes the first call.
     *
     * @param arguments the arguments of a WASI command
     */
    Called call(List<String> arguments) throws IOException;
}
