package dev.reflexloop.console.web;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers what the server refuses before we see it, in the same form as our own refusals: a status in words, and nothing of the request. */
final class Errors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Headers.putInto(response.getHeaders());
        Exchange.refuse(response, callback, response.getStatus(), words(response.getStatus()));
        return true;
    }

    private static String words(int status) {
        return "the request cannot be read (" + HttpStatus.getMessage(status) + "); send HTTP/1.1 as a browser does";
    }
}
