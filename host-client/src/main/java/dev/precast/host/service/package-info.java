/** The client of the wire protocol: of hosts, of the command line, of benchmarks and tests. */
@NullMarked
package dev.precast.host.service;

import org.jspecify.annotations.NullMarked;
