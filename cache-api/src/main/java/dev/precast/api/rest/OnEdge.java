package dev.precast.api.rest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A resource that an edge serves in place of the API's own. Its path begins with {@link EdgeGate#PREFIX}, which clients do
 * not see. Other roles do not serve it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface OnEdge {}
