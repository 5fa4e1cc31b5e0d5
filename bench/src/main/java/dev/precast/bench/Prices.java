package dev.precast.bench;

/**
 * What a fleet costs, in US dollars at list prices of AWS in us-east-1: vCPU of a general-purpose on-demand machine, S3
 * Standard, EFS with elastic throughput. Traffic inside a zone is free; between zones it costs more than all of this.
 */
final class Prices {
    private static final double VCPU_SECOND = 0.048 / 3600;
    private static final double S3_READ = 0.0004 / 1000;
    private static final double S3_WRITE = 0.005 / 1000;
    private static final double S3_GB_MONTH = 0.023;
    private static final double EFS_READ_GB = 0.03;
    private static final double GB = 1e9;

    private Prices() {}

    static double cpu(double seconds) {
        return seconds * VCPU_SECOND;
    }

    /** The calls and CPU time of a fleet. */
    static double of(Traffic traffic) {
        return cpu(traffic.cpuSeconds()) + traffic.reads() * S3_READ + traffic.writes() * S3_WRITE;
    }

    /** Reads of a shared volume. */
    static double volume(double bytes) {
        return bytes / GB * EFS_READ_GB;
    }

    static double storedAMonth(double bytes) {
        return bytes / GB * S3_GB_MONTH;
    }
}
