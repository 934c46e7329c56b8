package dev.reflexloop.console.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What there is to ask for. A path of a request is compared with these and is otherwise only ever an id. One thread until it is served. */
final class Routes {
    private static final String VARIABLE = "*";

    /** Answers a request. */
    @FunctionalInterface
    interface Endpoint {
        /**
         * Answers, at once or later.
         *
         * @throws Refusal for what is wrong with the request
         */
        void handle(Exchange exchange);
    }

    /**
     * One thing to ask for.
     *
     * @param open whether it may be had without the token: what shows no data
     */
    record Route(String method, List<String> path, boolean open, Endpoint endpoint) {}

    /** The route of a request, and what its path says where the route leaves it open. */
    record Match(Route route, String variable) {}

    private final List<Route> routes = new ArrayList<>();

    /** Adds a route; a {@code *} in its path stands for any one segment. */
    Routes add(String method, String path, Endpoint endpoint) {
        routes.add(new Route(method, segments(path), false, endpoint));
        return this;
    }

    /** Adds a route that needs no token. */
    Routes addOpen(String path, Endpoint endpoint) {
        routes.add(new Route("GET", segments(path), true, endpoint));
        return this;
    }

    private static List<String> segments(String path) {
        return List.of(path.split("/", -1));
    }

    /**
     * Finds the route.
     *
     * @param path the path as it was sent, not decoded
     */
    Match find(String method, @Nullable String path) {
        List<String> segments = segments(path == null ? VARIABLE : path);
        Set<String> methods = new TreeSet<>();
        for (Route route : routes) {
            if (fits(route.path(), segments)) {
                if (route.method().equals(method)) {
                    int open = route.path().indexOf(VARIABLE);
                    return new Match(route, open < 0 ? "" : decoded(segments.get(open)));
                }
                methods.add(route.method());
            }
        }
        if (methods.isEmpty()) {
            throw new Refusal(404, "there is no such path");
        }
        throw new Refusal(405, "this path is for " + String.join(" and ", methods) + " only");
    }

    private static boolean fits(List<String> pattern, List<String> path) {
        if (pattern.size() != path.size()) {
            return false;
        }
        for (int i = 0; i < pattern.size(); i++) {
            boolean any = pattern.get(i).equals(VARIABLE) && !path.get(i).isEmpty();
            if (!any && !pattern.get(i).equals(path.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new Refusal(400, "the path is no URL-encoded UTF-8; encode the id");
        }
    }
}
