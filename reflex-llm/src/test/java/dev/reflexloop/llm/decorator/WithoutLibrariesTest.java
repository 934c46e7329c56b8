package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.llm.server.Endpoint;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** A bot that does not use the optional libraries does not have them on its class path. */
class WithoutLibrariesTest {

    /** Only this module, the core and the core's four libraries. */
    private static ClassLoader withoutLibraries() {
        URL[] path = Stream.of(
                        NanoModel.class,
                        ReflexModel.class,
                        Logger.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        JsonProperty.class,
                        Histogram.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .toArray(URL[]::new);
        return new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
    }

    @ParameterizedTest
    @ValueSource(classes = {NanoModel.class, Endpoint.class, PlainRenderer.class, ModelPool.class, ModelRouter.class})
    void load_whatNeedsNoLibrary_works(Class<?> type) throws Exception {
        Class<?> loaded = Class.forName(type.getName(), true, withoutLibraries());
        assertThat(loaded).isNotSameAs(type);
        assertThat(loaded.getMethods()).as("every signature resolves").isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "com.github.benmanes.caffeine.cache.Caffeine",
                "com.netflix.concurrency.limits.Limiter",
                "io.github.resilience4j.circuitbreaker.CircuitBreaker"
            })
    void load_aLibrary_failsThere(String type) throws Exception {
        assertThat(Class.forName(type)).isNotNull();
        ClassLoader without = withoutLibraries();
        assertThatThrownBy(() -> Class.forName(type, true, without)).isInstanceOf(ClassNotFoundException.class);
    }
}
