/** Limits on connections and requests in progress, and the addresses of clients behind proxies. */
@NullMarked
package dev.precast.api.connection;

import org.jspecify.annotations.NullMarked;
