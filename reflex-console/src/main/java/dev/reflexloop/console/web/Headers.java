package dev.reflexloop.console.web;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.PreEncodedHttpField;

/** What every answer says to browsers: run and load nothing but ours, guess no types, show it in no frame, keep nothing. */
final class Headers {
    private static final HttpField[] ALL = {
        new PreEncodedHttpField(
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none';"
                        + " frame-ancestors 'none'"),
        new PreEncodedHttpField("X-Content-Type-Options", "nosniff"),
        new PreEncodedHttpField("X-Frame-Options", "DENY"),
        new PreEncodedHttpField("Referrer-Policy", "no-referrer"),
        new PreEncodedHttpField("Cross-Origin-Resource-Policy", "same-origin"),
        new PreEncodedHttpField("Cross-Origin-Opener-Policy", "same-origin"),
        new PreEncodedHttpField("Cache-Control", "no-store"),
    };

    private Headers() {}

    static void putInto(HttpFields.Mutable headers) {
        for (HttpField field : ALL) {
            headers.put(field);
        }
    }
}
