/** The services over the ports: lookups, compilations, modules, payloads, and the state of a key. */
@NullMarked
package dev.precast.cache;

import org.jspecify.annotations.NullMarked;
