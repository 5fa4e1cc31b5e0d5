package dev.precast.engine.endive.compile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.CallResult;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.Instance;
import run.endive.runtime.WasmExternRef;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/** Calls exports with values of the test suite. Endive passes most references as objects. */
final class SuiteCalls {
    private SuiteCalls() {}

    static List<SuiteValue> call(Instance instance, String function, List<SuiteValue> arguments) {
        FunctionType type = instance.exportType(function);
        long[] numbers = new long[arguments.size()];
        @Nullable Object[] references = new Object[arguments.size()];
        for (int i = 0; i < numbers.length; i++) {
            SuiteValue argument = arguments.get(i);
            if (!type.params().get(i).isObjectRef()) {
                numbers[i] = argument.bits();
            } else if (!argument.isNull()) {
                references[i] = new WasmExternRef(argument.bits());
            }
        }
        if (!type.hasObjectRefParams() && !type.hasObjectRefReturns()) {
            return values(
                    type.returns(), CallResult.of(instance.export(function).apply(numbers), null));
        }
        return values(type.returns(), instance.export(function).applyWithRefs(numbers, references));
    }

    static SuiteValue value(GlobalInstance global) {
        return global.getType().isObjectRef()
                ? reference(global.getRefValue())
                : SuiteValue.of(global.getType(), global.getValue());
    }

    private static List<SuiteValue> values(List<ValType> types, CallResult result) {
        List<SuiteValue> values = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            values.add(
                    types.get(i).isObjectRef()
                            ? reference(result.refResult(i))
                            : SuiteValue.of(types.get(i), result.longResult(i)));
        }
        return values;
    }

    private static SuiteValue reference(@Nullable Object reference) {
        if (reference == null) {
            return SuiteValue.reference(SuiteValue.NULL);
        }
        return SuiteValue.reference(
                reference instanceof WasmExternRef host && !host.isObjectRef()
                        ? Long.toUnsignedString(host.value())
                        : reference.getClass().getSimpleName());
    }
}
