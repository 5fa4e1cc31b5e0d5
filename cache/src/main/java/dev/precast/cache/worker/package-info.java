/** What workers offer and announce, and the port by which they are known. */
@NullMarked
package dev.precast.cache.worker;

import org.jspecify.annotations.NullMarked;
