package dev.precast.engine.chicory.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HelperClassLoaderTest {
    private static final String HELPER = ChicoryFormat.HELPER_CLASS.replace('/', '.');

    @Test
    void the_helper_is_the_hosts_own_whatever_the_class_path_holds() throws Exception {
        ClassLoader loader = new HelperClassLoader(new Parent());

        Class<?> helper = loader.loadClass(HELPER);

        assertThat(helper.getName()).isEqualTo(HELPER);
        assertThat(helper.getClassLoader()).isSameAs(loader);
        assertThat(loader.loadClass(HELPER)).isSameAs(helper);
    }

    /** Has a class of every name. */
    private static final class Parent extends ClassLoader {
        Parent() {
            super(HelperClassLoaderTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            return name.equals(HELPER) ? Object.class : super.loadClass(name, resolve);
        }
    }
}
