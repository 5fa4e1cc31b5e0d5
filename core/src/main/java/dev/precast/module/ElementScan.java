package dev.precast.module;

import java.io.IOException;

/**
 * Scans the element section (core specification 3.0, section 5.5.12). The flags' bits: passive or declarative, has a
 * table index or is declarative, has expressions.
 */
final class ElementScan {
    private final WasmInput in;
    private final InstructionScan constants;

    ElementScan(WasmInput in, InstructionScan constants) {
        this.in = in;
        this.constants = constants;
    }

    ModuleFacts.Segments section() throws IOException, MalformedModuleException {
        long count = in.count("element segments");
        long items = 0;
        for (long i = 0; i < count; i++) {
            items += segment();
        }
        return new ModuleFacts.Segments(count, items);
    }

    private long segment() throws IOException, MalformedModuleException {
        long flags = in.u32();
        if (flags > 7) {
            throw in.malformed("element segment of unknown kind " + flags);
        }
        boolean active = (flags & 1) == 0;
        boolean explicit = (flags & 2) != 0;
        boolean expressions = (flags & 4) != 0;
        if (active) {
            if (explicit) {
                in.u32();
            }
            constants.expression();
        }
        if (explicit || !active) {
            if (expressions) {
                ValueTypes.one(in);
            } else {
                in.u8();
            }
        }
        long items = in.count("elements");
        for (long i = 0; i < items; i++) {
            if (expressions) {
                constants.expression();
            } else {
                in.u32();
            }
        }
        return items;
    }
}
