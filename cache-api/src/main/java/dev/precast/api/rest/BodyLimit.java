package dev.precast.api.rest;

import dev.precast.protocol.ProblemCode;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Limits size and time of JSON bodies, which are read as a whole. */
@Provider
public final class BodyLimit implements ReaderInterceptor {
    /** Maximum size of a JSON body in bytes. */
    static final int MAX_BYTES = 1 << 20;

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int CHUNK_BYTES = 1 << 14;

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        if (context.getType() != InputStream.class) {
            context.setInputStream(new ByteArrayInputStream(whole(context.getInputStream())));
        }
        return context.proceed();
    }

    private static byte[] whole(InputStream in) throws IOException {
        long start = System.nanoTime();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            whole.write(chunk, 0, n);
            if (whole.size() > MAX_BYTES) {
                throw new BodyException(ProblemCode.BODY_TOO_LARGE, "body: expected at most " + MAX_BYTES + " bytes");
            }
            if (System.nanoTime() - start > SOON.toNanos()) {
                throw new BodyException(
                        ProblemCode.BODY_TOO_SLOW,
                        "body: expected to be complete within " + SOON.toSeconds() + " s, found " + whole.size()
                                + " bytes");
            }
        }
        return whole.toByteArray();
    }
}
