package dev.precast.bench;

/**
 * A first call.
 *
 * @param name name of the called function
 * @param outcome how the call ended: returned, exit code, or the name of the exception
 * @param printed the module's output on both streams
 */
@SuppressWarnings("ArrayRecordComponent")
record Called(String name, String outcome, byte[] printed) {}
