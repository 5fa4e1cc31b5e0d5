package dev.precast.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;

/** The bytes of an object. Closing the stream before its end aborts the connection instead of reading the rest. */
final class ObjectStream extends FilterInputStream {
    private final ResponseInputStream<?> body;
    private boolean ended;

    ObjectStream(ResponseInputStream<?> body) {
        super(body);
        this.body = body;
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        ended |= b < 0;
        return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int n = super.read(into, offset, length);
        ended |= n < 0;
        return n;
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            body.abort();
        }
        super.close();
    }
}
