package dev.precast.bench;

/**
 * The result of the first call in a module.
 *
 * @param name name of the called function
 * @param outcome how the call ended: {@code returned}, an exit code, or the name of the exception
 * @param printed what the module printed on standard output and standard error
 */
@SuppressWarnings("ArrayRecordComponent")
record Called(String name, String outcome, byte[] printed) {}
