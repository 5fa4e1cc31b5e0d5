/** Front doors that are reached by messages: the same JSON as REST, without HTTP. */
@NullMarked
package dev.precast.api.message;

import org.jspecify.annotations.NullMarked;
