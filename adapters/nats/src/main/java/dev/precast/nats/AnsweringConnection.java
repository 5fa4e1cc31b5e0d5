package dev.precast.nats;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that publishes only where the service may answer. The client library answers requests for discovery by
 * itself, at any reply subject. Thread safe.
 */
final class AnsweringConnection implements InvocationHandler {
    private final Connection connection;
    private final ReplyPrefixes replies;
    private final Consumer<String> refused;

    private AnsweringConnection(Connection connection, ReplyPrefixes replies, Consumer<String> refused) {
        this.connection = connection;
        this.replies = replies;
        this.refused = refused;
    }

    /** @param refused gets the subject of each message that is not published */
    static Connection of(Connection connection, ReplyPrefixes replies, Consumer<String> refused) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                new AnsweringConnection(connection, replies, refused));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("publish") && arguments != null) {
            String subject = arguments[0] instanceof Message message ? message.getSubject() : (String) arguments[0];
            if (!replies.allows(subject)) {
                refused.accept(subject);
                return null;
            }
        }
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
