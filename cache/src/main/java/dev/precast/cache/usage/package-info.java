/** The usage of artifacts: loads that hosts report, and lookups. */
@NullMarked
package dev.precast.cache.usage;

import org.jspecify.annotations.NullMarked;
