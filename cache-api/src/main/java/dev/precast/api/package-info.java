/** The services behind the front doors: modules, lookups, compilations, engines and trust. They know no HTTP. */
@NullMarked
package dev.precast.api;

import org.jspecify.annotations.NullMarked;
