/** Contract suites: an adapter of a port passes the suite of that port. */
@NullMarked
package dev.precast.testkit.contract;

import org.jspecify.annotations.NullMarked;
