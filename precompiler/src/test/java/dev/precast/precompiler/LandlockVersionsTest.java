package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The warnings for each version of Landlock; the kernel's userspace-api/landlock page lists them. */
final class LandlockVersionsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void before_version_3_children_count_as_unconfined(int version) {
        assertThat(Landlock.tooOld(version))
                .hasValueSatisfying(why -> assertThat(why)
                        .contains(
                                "truncate all files of this user",
                                "version 3 of Linux 6.2",
                                "found version " + version));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void before_version_6_children_are_confined_and_the_gaps_are_logged(int version) {
        assertThat(Landlock.tooOld(version)).isEmpty();
        assertThat(Landlock.leftOpen(version))
                .hasValueSatisfying(open -> assertThat(open)
                        .contains(
                                "send signals to all processes of this user",
                                "found version " + version,
                                "Linux 6.12"));
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 9})
    void from_version_6_on_nothing_is_logged(int version) {
        assertThat(Landlock.tooOld(version)).isEmpty();
        assertThat(Landlock.leftOpen(version)).isEmpty();
    }
}
