package dev.precast.module;

import java.io.IOException;
import java.util.Arrays;

/**
 * Scans the type section: function types and the types of the garbage collection proposal (sections 5.3.10 to 5.3.13).
 */
final class TypeScan {
    /**
     * Number of types whose parameter counts are stored; for a later type, the largest number of parameters of any type
     * is used.
     */
    private static final int MAX_KEPT = 1 << 20;

    private final WasmInput in;
    private int[] params = new int[64];
    private long count;
    private long maxParams;
    private long maxResults;
    private long maxFields;

    TypeScan(WasmInput in) {
        this.in = in;
    }

    void section() throws IOException, MalformedModuleException {
        long groups = in.count("types");
        for (long i = 0; i < groups; i++) {
            int form = in.u8();
            if (form == 0x4e) {
                long members = in.count("types of a group");
                for (long j = 0; j < members; j++) {
                    subtype(in.u8());
                }
            } else {
                subtype(form);
            }
        }
    }

    private void subtype(int form) throws IOException, MalformedModuleException {
        int composite = form;
        if (form == 0x50 || form == 0x4f) {
            long supertypes = in.count("supertypes");
            for (long i = 0; i < supertypes; i++) {
                in.u32();
            }
            composite = in.u8();
        }
        long parameters = 0;
        switch (composite) {
            case 0x60 -> {
                parameters = ValueTypes.vector(in);
                maxParams = Math.max(maxParams, parameters);
                maxResults = Math.max(maxResults, ValueTypes.vector(in));
            }
            case 0x5f -> {
                long fields = in.count("fields");
                maxFields = Math.max(maxFields, fields);
                for (long i = 0; i < fields; i++) {
                    ValueTypes.field(in);
                }
            }
            case 0x5e -> ValueTypes.field(in);
            default -> throw in.malformed("unknown form of a type 0x" + Integer.toHexString(composite));
        }
        keep(parameters);
    }

    private void keep(long parameters) {
        if (count < MAX_KEPT) {
            if (count == params.length) {
                params = Arrays.copyOf(params, params.length * 2);
            }
            params[(int) count] = (int) Math.min(parameters, Integer.MAX_VALUE);
        }
        count++;
    }

    /** The number of parameters of a type; an upper bound for types after the first million. */
    long paramsOf(long type) throws MalformedModuleException {
        if (type >= count) {
            throw in.malformed("type index " + type + " is out of range: the module has " + count + " types");
        }
        return type < MAX_KEPT ? params[(int) type] : maxParams;
    }

    ModuleFacts.Types facts() {
        return new ModuleFacts.Types(count, maxParams, maxResults, maxFields);
    }
}
