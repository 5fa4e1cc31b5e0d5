/** Types that hosts of Precast need: keys, formats, signatures and the protocol. */
module dev.precast.core {
    requires static transitive org.jspecify;

    exports dev.precast.artifact;
    exports dev.precast.attestation;
    exports dev.precast.bundle;
    exports dev.precast.json;
    exports dev.precast.load;
    exports dev.precast.module;
    exports dev.precast.pack;
    exports dev.precast.protocol;

    uses dev.precast.load.PayloadFormat;

    provides dev.precast.load.PayloadFormat with
            dev.precast.bundle.BundleFormat,
            dev.precast.bundle.FirstBundleFormat,
            dev.precast.module.CwasmFormat;
}
