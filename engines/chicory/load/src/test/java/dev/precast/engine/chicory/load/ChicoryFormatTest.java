package dev.precast.engine.chicory.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.Instance;
import dev.precast.load.UnsupportedHostException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.Type;

class ChicoryFormatTest {
    @Test
    void the_engine_hash_is_the_same_whenever_it_is_asked_for() {
        assertThat(ChicoryFormat.engineHash()).isEqualTo(ChicoryFormat.engineHash());
    }

    @Test
    void the_engine_hash_reads_what_generated_code_refers_to() {
        assertThat(ChicoryFormat.lines("engine-classes.txt"))
                .contains("com/dylibso/chicory/runtime/Instance", "com/dylibso/chicory/runtime/OpcodeImpl")
                .isSorted();
    }

    @Test
    void every_allowed_member_is_there() throws Exception {
        ClassLoader engine = new HelperClassLoader(ChicoryFormatTest.class.getClassLoader());
        for (String line : ChicoryFormat.lines("allowed-members.txt")) {
            int owner = line.indexOf('.');
            Class<?> type =
                    Class.forName((owner < 0 ? line : line.substring(0, owner)).replace('/', '.'), false, engine);
            if (owner >= 0) {
                assertThat(members(type)).as(line).contains(line.substring(owner + 1));
            }
        }
    }

    @Test
    void a_relocated_engine_is_named_as_such() {
        assertThatThrownBy(() -> HostSupport.requireName("shaded.chicory.runtime.Instance"))
                .isInstanceOf(UnsupportedHostException.class)
                .hasMessageContaining("relocated")
                .hasMessageContaining("shaded.chicory.runtime.Instance");
    }

    @Test
    void an_engine_without_class_files_is_named_as_such() throws Exception {
        try (ClassFiles files = new ClassFiles(Instance.class)) {
            assertThat(files.read("com/dylibso/chicory/runtime/Instance")).isNotEmpty();
            assertThatThrownBy(() -> files.read("com/dylibso/chicory/runtime/Removed"))
                    .isInstanceOf(UnsupportedHostException.class)
                    .hasMessageContaining("com/dylibso/chicory/runtime/Removed");
        }
    }

    private static List<String> members(Class<?> type) {
        List<String> members = new ArrayList<>();
        for (Class<?> t = type; t != null; t = t.getSuperclass()) {
            for (Method method : t.getDeclaredMethods()) {
                members.add(method.getName() + ":" + Type.getMethodDescriptor(method));
            }
        }
        for (var constructor : type.getDeclaredConstructors()) {
            members.add("<init>:" + Type.getConstructorDescriptor(constructor));
        }
        return members;
    }
}
