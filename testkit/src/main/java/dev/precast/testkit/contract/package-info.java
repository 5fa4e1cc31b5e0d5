/** Contract suites. Every adapter of a port must pass the port's suite. */
@NullMarked
package dev.precast.testkit.contract;

import org.jspecify.annotations.NullMarked;
