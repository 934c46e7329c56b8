package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page in a real browser, shown events that a test makes. */
class PageIT {
    private static final int WIDTH = 1_440;
    private static final int HEIGHT = 900;
    private static final String MARKUP = "<img src=x onerror='window.attacked=1'><b>bold</b>";

    private static Chromium browser;

    private TelemetryBus bus;
    private ConsoleServer console;
    private long ids;

    @BeforeAll
    static void startBrowser() {
        browser = Chromium.start();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void startConsole() {
        bus = TelemetryBus.builder().build();
        console = ConsoleServer.builder(bus).start();
    }

    @AfterEach
    void closeConsole() {
        console.close();
        bus.close();
    }

    private void open() {
        open(WIDTH, HEIGHT);
    }

    private void open(int width, int height) {
        browser.open(console.uri(), width, height);
        browser.await("document.querySelector('#link').dataset.state === 'live'");
    }

    private String decide(String entity, long tick, String action) {
        String id = "decision-" + ids++;
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("action", action);
        fields.put("served", "MODEL");
        fields.put("latencyMicros", 3_400L);
        fields.put("probabilities", Map.of(action, 0.75, "wait", 0.25));
        publish(TelemetryEvent.Level.INFO, "loop", "decision", entity, tick, fields);
        return id;
    }

    private void publish(
            TelemetryEvent.Level level,
            String source,
            String event,
            String entity,
            long tick,
            Map<String, Object> fields) {
        bus.publish(new TelemetryEvent(Instant.now(), level, source, event, entity, tick, fields));
    }

    private static String row(String id) {
        return "document.querySelector('.row[data-id=\"" + id + "\"]')";
    }

    /** The different values that the rows have for something. */
    private static List<?> distinct(String data) {
        Object values = browser.run(
                "return [...new Set([...document.querySelectorAll('.row')].map(row => row.dataset[arguments[0]]))].sort()",
                data);
        return (List<?>) values;
    }

    @Test
    void page_withoutEvents_saysWhatToDo() {
        open();

        assertThat(browser.text("document.querySelector('#stream-empty').innerText"))
                .contains("Nothing yet")
                .contains(".telemetry(bus)");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void decision_published_isShownWithItsProbabilities() {
        open();
        String id = decide("bot-7", 12, "fight");
        browser.await(row(id));

        assertThat(browser.text(row(id) + ".innerText"))
                .contains("bot-7")
                .contains("12")
                .contains("fight")
                .contains("75 %")
                .contains("model")
                .contains("3.4 ms");
        assertThat(browser.text(row(id) + ".querySelector('.bar').style.backgroundImage"))
                .contains("75");
        browser.await("document.querySelector('[data-vital=median]').textContent === '3.4 ms'");
        assertThat(browser.text("document.querySelector('#empty-words').offsetParent"))
                .isEqualTo("null");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void filters_typedAndTakenBack_leaveOnlyWhatFits() {
        decide("bot-1", 1, "fight");
        decide("bot-2", 1, "flee");
        publish(TelemetryEvent.Level.WARN, "model", "lost", "", -1, Map.of("model", "m", "because", "DEADLINE"));
        publish(TelemetryEvent.Level.INFO, "loop", "outcome", "bot-1", 1, Map.of("id", "other", "reward", 0.5));
        open();
        browser.await("document.querySelectorAll('.row').length === 4");

        browser.type("[name=entity]", "bot-1");
        browser.await("document.querySelectorAll('.row').length === 2");
        assertThat(distinct("entity")).isEqualTo(List.of("bot-1"));
        assertThat(browser.text("location.hash")).contains("entity=bot-1");

        browser.type("[name=event]", "decision");
        browser.await("document.querySelectorAll('.row').length === 1");
        String later = decide("bot-1", 2, "talk");
        decide("bot-2", 2, "talk");
        browser.await(row(later));
        assertThat(distinct("entity")).isEqualTo(List.of("bot-1"));
        assertThat(distinct("event")).isEqualTo(List.of("decision"));

        browser.back();
        browser.await("document.querySelectorAll('.row').length === 3");
        assertThat(browser.text("document.querySelector('[name=event]').value")).isEmpty();

        browser.click("#filters-clear");
        browser.await("document.querySelectorAll('.row').length === 6");
        browser.run("const level = document.querySelector('[name=level]'); level.value = 'WARN';"
                + "level.dispatchEvent(new Event('input', {bubbles: true}))");
        browser.await("document.querySelectorAll('.row').length === 1");
        assertThat(distinct("level")).isEqualTo(List.of("WARN"));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void textOfTheGame_withMarkup_staysText() {
        publish(
                TelemetryEvent.Level.WARN,
                "guard",
                "mission_ended",
                MARKUP,
                1,
                Map.of("goal", MARKUP, "ending", MARKUP));
        String id = decide(MARKUP, 1, MARKUP);
        publish(TelemetryEvent.Level.INFO, "loop", "outcome", MARKUP, 1, Map.of("id", id, "label", MARKUP));
        open();
        browser.await(row(id));
        browser.click(".row.decision");
        browser.await("document.querySelector('#decision h3').textContent === " + quoted(MARKUP));
        browser.type("[name=entity]", MARKUP);
        browser.await("location.hash.includes('entity=')");
        browser.await(
                "document.querySelector('.row') && document.querySelector('#timeline').ariaLabel.includes('bot')");

        assertThat(browser.text("document.querySelector('.row .entity').textContent"))
                .isEqualTo(MARKUP);
        assertThat(browser.number("document.querySelectorAll('main img, main b, datalist img').length"))
                .isZero();
        assertThat(browser.text("window.attacked")).isEqualTo("null");
        assertThat(browser.complaints()).isEmpty();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\\\"") + '"';
    }

    @Test
    void pause_whileEventsCome_countsThemAndShowsThemAfterwards() {
        decide("bot-1", 1, "fight");
        open();
        browser.await("document.querySelectorAll('.row').length === 1");
        browser.press(" ");
        browser.await("document.querySelector('#link').dataset.state === 'paused'");
        decide("bot-1", 2, "fight");
        decide("bot-1", 3, "fight");

        browser.await("document.querySelector('#pause').innerText.includes('2 new')");
        assertThat(browser.number("document.querySelectorAll('.row').length")).isEqualTo(1);
        browser.press(" ");
        browser.await("document.querySelectorAll('.row').length === 3");
        assertThat(browser.text("document.querySelector('#link').innerText")).isEqualTo("Live");
    }

    @Test
    void keys_pressed_moveOpenAndClose() {
        decide("bot-1", 1, "fight");
        String first = decide("bot-1", 2, "flee");
        String second = decide("bot-1", 3, "talk");
        open();
        browser.await("document.querySelectorAll('.row').length === 3");

        browser.press("j");
        assertThat(browser.text("document.querySelector('.row[aria-selected=true]').dataset.id"))
                .isEqualTo(second);
        browser.press("j");
        browser.enter();
        browser.await("document.querySelector('#decision h3')?.textContent === 'flee'");
        assertThat(browser.text("location.hash")).contains("id=" + first);
        assertThat(browser.text("document.querySelector('.chances li.chosen').textContent"))
                .isEqualTo("flee75.0 %");
        browser.press("k");
        browser.enter();
        browser.await("document.querySelector('#decision h3')?.textContent === 'talk'");
        browser.escape();
        browser.await("!location.hash.includes('id=')");

        browser.press("?");
        browser.await("document.querySelector('#help').open");
        browser.escape();
        browser.await("!document.querySelector('#help').open");
        browser.press("/");
        browser.await("document.activeElement.name === 'entity'");
        browser.press("j");
        assertThat(browser.text("document.activeElement.value")).isEqualTo("j");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void connection_lost_isShownAndComesBackByItself() {
        decide("bot-1", 1, "fight");
        open();
        browser.await("document.querySelectorAll('.row').length === 1");
        int port = console.uri().getPort();
        console.close();
        browser.await("document.querySelector('#link').dataset.state === 'waiting'");
        assertThat(browser.text("document.querySelector('#link').innerText")).startsWith("No connection, again in");

        console = ConsoleServer.builder(bus).port(port).start();
        browser.await("document.querySelector('#link').dataset.state === 'live'");
        String later = decide("bot-1", 2, "flee");
        browser.await(row(later));
        assertThat(browser.number("document.querySelectorAll('.row').length"))
                .as("what is known is not shown twice")
                .isEqualTo(2);
    }

    @Test
    void events_overwrittenBeforeTheyWereSent_areToldAsLost() {
        open();
        for (int i = 0; i < 100_000; i++) {
            decide("bot-1", i, "fight");
        }

        browser.await("/^[0-9,]+ events lost$/.test(document.querySelector('#lost').textContent)");
        assertThat(browser.number("document.querySelectorAll('.row').length")).isLessThanOrEqualTo(200);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void narrowScreen_showsEverythingInOneColumn() {
        String id = decide("bot-with-quite-a-long-name-" + "x".repeat(60), 123_456_789, "fight");
        open(375, 812);
        browser.await(row(id));

        assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(375);
        browser.click(".row");
        browser.await("document.querySelector('#decision h3')?.offsetParent");
        assertThat(browser.number("document.querySelector('#panel').getBoundingClientRect().width"))
                .isEqualTo(375);
        assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(375);
        browser.click("#go-watch");
        browser.await("!document.querySelector('#decision h3').offsetParent");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void fiftyBots_twiceASecond_areShownWithoutStutter() {
        Bots bots = Bots.start(bus, 50, 2);
        try (bots) {
            open();
            browser.await("document.querySelectorAll('.row').length === 200");
            browser.run("""
                    const frames = window.frames = [];
                    let last = performance.now();
                    const end = last + 10000;
                    requestAnimationFrame(function each(now) {
                      frames.push(now - last);
                      last = now;
                      if (now < end) {
                        requestAnimationFrame(each);
                      } else {
                        window.frameTimes = frames.slice(1).sort((a, b) => a - b);
                      }
                    })""");
            browser.await("window.frameTimes");
        }
        double frames = browser.number("frameTimes.length");
        double p95 = browser.number("frameTimes[Math.floor(frameTimes.length * 0.95)]");
        double longest = browser.number("frameTimes.at(-1)");
        double gaps = browser.number("frameTimes.filter(each => each > 250).length");
        System.out.printf("50 bots: %.0f frames, p95 %.1f ms, longest %.1f ms%n", frames, p95, longest);

        assertThat(frames).as("frames in 10 s").isGreaterThan(100);
        assertThat(gaps).as("frames that took longer than 250 ms").isLessThan(20);
        assertThat(browser.number("document.querySelectorAll('.row').length")).isEqualTo(200);
        assertThat(browser.number("document.querySelectorAll('*').length")).isLessThan(4_000);
        assertThat(browser.text("document.querySelector('[data-vital=bots]').textContent"))
                .isEqualTo("50");
        assertThat(browser.text("document.querySelector('#lost').textContent")).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }
}
