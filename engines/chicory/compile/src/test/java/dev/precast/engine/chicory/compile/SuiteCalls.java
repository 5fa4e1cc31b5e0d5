package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;

/** Calls exports with values of the test suite. Chicory passes references as numbers. */
final class SuiteCalls {
    private SuiteCalls() {}

    static List<SuiteValue> call(Instance instance, String function, List<SuiteValue> arguments) {
        List<ValType> types = instance.exportType(function).returns();
        long[] results = instance.export(function)
                .apply(arguments.stream().mapToLong(SuiteValue::bits).toArray());
        List<SuiteValue> values = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            values.add(SuiteValue.of(types.get(i), results[i]));
        }
        return values;
    }

    static SuiteValue value(GlobalInstance global) {
        return SuiteValue.of(global.getType(), global.getValue());
    }
}
