package dev.reflexloop.console.web;

import dev.reflexloop.ReflexException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Admits requests and brings them to their endpoints. A body is read first, without a thread that waits for it, and is bounded. */
final class Site extends Handler.Abstract {
    static final int MOST_BODY = 64 * 1_024;
    private static final byte[] NO_BODY = {};
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

    private final Access access;
    private final Routes routes;

    Site(Access access, Routes routes) {
        this.access = access;
        this.routes = routes;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Headers.putInto(response.getHeaders());
        guarded(response, callback, () -> {
            access.checkOrigin(request);
            Routes.Match match =
                    routes.find(request.getMethod(), request.getHttpURI().getPath());
            if (!match.route().open()) {
                access.checkToken(request);
            }
            if (request.getMethod().equals("POST")) {
                checkContent(request);
                readBody(request, response, callback, match);
            } else {
                match.route().endpoint().handle(new Exchange(request, response, callback, match.variable(), NO_BODY));
            }
        });
        return true;
    }

    private static void checkContent(Request request) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!plain.equals("application/json")) {
            throw new Refusal(415, "the body must be JSON; send Content-Type: application/json");
        }
        if (request.getLength() > MOST_BODY) {
            throw tooLarge();
        }
    }

    private static Refusal tooLarge() {
        return new Refusal(413, "the body is larger than " + MOST_BODY + " bytes; send less at a time");
    }

    private void readBody(Request request, Response response, Callback callback, Routes.Match match) {
        Content.Source.asByteArrayAsync(request, MOST_BODY, new Promise.Invocable<byte[]>() {
            @Override
            public void succeeded(byte[] body) {
                Exchange exchange = new Exchange(request, response, callback, match.variable(), body);
                guarded(response, callback, () -> match.route().endpoint().handle(exchange));
            }

            @Override
            public void failed(Throwable failure) {
                guarded(response, callback, () -> {
                    throw failure instanceof IllegalStateException
                            ? tooLarge()
                            : new Refusal(400, "the body ended before it was whole; send it again");
                });
            }
        });
    }

    private static void guarded(Response response, Callback callback, Runnable work) {
        try {
            work.run();
        } catch (Refusal refusal) {
            refuse(response, callback, refusal.status, String.valueOf(refusal.getMessage()));
        } catch (ReflexException | UncheckedIOException failure) {
            LOG.warn("What the console was asked for cannot be had now", failure);
            refuse(response, callback, 503, "what stands behind this cannot be read or written now; the log says why");
        } catch (RuntimeException failure) {
            if (failure instanceof HttpException known && known.getCode() < 500) {
                LOG.debug("A request to the console cannot be read", failure);
                refuse(response, callback, known.getCode(), "the request cannot be read; send it as a browser does");
            } else {
                LOG.warn("A request to the console failed by an error of the console", failure);
                refuse(response, callback, 500, "the console failed; its log says why");
            }
        }
    }

    private static void refuse(Response response, Callback callback, int status, String message) {
        if (response.isCommitted()) {
            callback.failed(new IllegalStateException("the answer has begun already"));
        } else {
            Exchange.refuse(response, callback, status, message);
        }
    }
}
