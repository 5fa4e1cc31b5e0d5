package dev.precast.cache.damage;

/** Is told of checks of payloads, on the checking thread. Must return quickly and must not throw. */
public interface DamageListener {
    /** A form was read. */
    void checked(long bytes);

    /** A form was damaged, missing or unreadable. */
    void found(Result result);

    /** What happened to a form that is not whole. */
    enum Result {
        REBUILT,
        DELETED,
        /** Not deleted, because too much was deleted in the last hour. */
        HELD,
        /** The store failed. */
        UNREADABLE
    }
}
