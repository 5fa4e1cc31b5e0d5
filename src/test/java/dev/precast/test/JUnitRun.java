package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs one JUnit test class in this JVM; ends the JVM with 1 if a test failed or no test ran. */
final class JUnitRun {
    private JUnitRun() {}

    public static void main(String[] args) {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(args[0]))
                                .build(),
                        summary);
        summary.getSummary().printFailuresTo(new PrintWriter(System.out, true, UTF_8));
        long succeeded = summary.getSummary().getTestsSucceededCount();
        System.out.println(args[0] + ": " + succeeded + " tests succeeded");
        System.exit(succeeded > 0 && summary.getSummary().getTotalFailureCount() == 0 ? 0 : 1);
    }
}
