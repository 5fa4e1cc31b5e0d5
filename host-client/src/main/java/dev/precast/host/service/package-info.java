/** The client of the wire protocol, for hosts, the command line, benchmarks and tests. */
@NullMarked
package dev.precast.host.service;

import org.jspecify.annotations.NullMarked;
