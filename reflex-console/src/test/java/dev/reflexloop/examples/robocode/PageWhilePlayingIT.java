package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Served;
import dev.reflexloop.Situation.Kind;
import dev.reflexloop.Situation.Waiting;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.console.web.Chromium;
import dev.reflexloop.console.web.ConsoleServer;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser while Robocode plays at 30 turns a second. It lives in the example's package because only there a battle can be
 * started, and is one test because there is one engine in a JVM. Leaves pictures of the page in {@code target/page}.
 */
class PageWhilePlayingIT {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int ROUNDS = 200;
    private static final int WIDTH = 1_440;
    private static final int HEIGHT = 900;
    private static final int MEASURED = 20;
    private static final Path PICTURES = Path.of("target", "page");
    private static final String ASKED = "Two strong robots come closer <img src=x onerror='window.attacked=1'>";

    /** Tells for every decision that comes from now on how long after its event it stood in the page. */
    private static final String MEASURE = """
            window.delays = [];
            const began = Date.now();
            new MutationObserver(records => {
              const now = performance.timeOrigin + performance.now();
              for (const record of records) {
                for (const row of record.addedNodes) {
                  const at = Date.parse(row.dataset.at);
                  if (row.dataset.event === 'decision' && at >= began) {
                    window.delays.push(now - at);
                  }
                }
              }
            }).observe(document.querySelector('#rows'), {childList: true});
            """;

    @TempDir
    private Path folder;

    private final AtomicBoolean asks = new AtomicBoolean();

    @Test
    void robocode_played_isSeenLabelledAndAnsweredOnThePage() throws Exception {
        Path log = folder.resolve("trajectory.jsonl");
        try (Chromium browser = Chromium.start();
                TelemetryBus bus = TelemetryBus.builder().build();
                TrajectoryLogger logger = TrajectoryLogger.file(log);
                EscalationInbox inbox =
                        EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
                NanoModel model = Models.load(Models.weak());
                Reflex reflex = reflex(model, logger, bus, inbox);
                ConsoleServer console = console(bus, log, inbox);
                Game game = Game.start(reflex)) {
            inbox.guides(reflex.loop()::guide);
            browser.prefer("light");
            browser.open(console.uri(), WIDTH, HEIGHT);

            decisionsAppearInTime(browser);
            filtersWork(browser);
            answersReachTheLoop(browser, reflex);
            labelsReachTheFile(browser, log);

            assertThat(browser.text("window.attacked")).isEqualTo("null");
            assertThat(browser.complaints()).isEmpty();
            pictures(browser, console);
            assertThat(game.isPlaying()).isTrue();
        }
    }

    private Reflex reflex(NanoModel model, TrajectoryLogger logger, TelemetryBus bus, EscalationInbox inbox) {
        EscalationPolicy policy = EscalationPolicy.builder()
                .when(Kind.DILEMMA, seen -> asks.get(), ASKED)
                .waiting(Kind.DILEMMA, Waiting.FALLBACK)
                .build();
        return new Reflex(
                model,
                logger,
                "page",
                settings -> settings.telemetry(bus)
                        .escalateWhen(policy)
                        .escalateTo(inbox)
                        .onGuidance(inbox));
    }

    private static ConsoleServer console(TelemetryBus bus, Path log, EscalationInbox inbox) {
        DecisionArchive archive = DecisionArchive.open(List.of(log));
        return ConsoleServer.builder(bus)
                .decisions(archive)
                .review(Review.of(archive))
                .escalations(EscalationDesk.of(inbox))
                .start();
    }

    private static void decisionsAppearInTime(Chromium browser) {
        browser.await("document.querySelectorAll('.row.decision').length > 0");
        browser.run(MEASURE);
        browser.await("delays.length >= " + MEASURED);
        browser.run("delays.sort((a, b) => a - b)");
        double median = browser.number("delays[delays.length >> 1]");
        double longest = browser.number("delays.at(-1)");
        System.err.printf(
                "Robocode: %d decisions, in the page after %.0f ms (median), %.0f ms (longest)%n",
                MEASURED, median, longest);

        assertThat(median).as("milliseconds from an event to its row").isBetween(0.0, 500.0);
    }

    private static void filtersWork(Chromium browser) {
        browser.type("[name=entity]", "nobody");
        browser.await("document.querySelector('#empty-words').innerText.startsWith('Nothing fits')");
        assertThat(browser.number("document.querySelectorAll('.row').length")).isZero();
        browser.type("[name=entity]", Situation.ENTITY);
        browser.type("[name=event]", "decision");
        browser.await("document.querySelectorAll('.row').length > 2");
        assertThat(browser.number("document.querySelectorAll('.row:not(.decision)').length"))
                .isZero();
        browser.click("#filters-clear");
        browser.await("document.querySelector('.row.decision')");
    }

    private void answersReachTheLoop(Chromium browser, Reflex reflex) {
        assertThat(reflex.stats().served(Served.GUIDANCE)).isZero();
        asks.set(true);
        browser.await("document.querySelector('#tab-inbox .badge').textContent === '1'");
        browser.click("#tab-inbox");
        browser.await("document.querySelector('.escalation .situation').textContent === \"" + ASKED + "\"");
        String option = browser.text("document.querySelectorAll('.option')[1].lastChild.textContent");
        browser.click(".option:nth-child(2)");
        browser.await("document.querySelector('.escalation .verdict').textContent.startsWith('Taken')");
        browser.await("document.querySelector('.row.decision [data-served=GUIDANCE]')");
        asks.set(false);

        assertThat(reflex.stats().served(Served.GUIDANCE)).isPositive();
        assertThat(browser.text("document.querySelector('.row:has([data-served=GUIDANCE]) .name').textContent"))
                .isEqualTo(option);
    }

    private static void labelsReachTheFile(Chromium browser, Path log) throws IOException {
        browser.await("document.querySelector('.row.decision [data-served=MODEL]')");
        browser.run("document.querySelector('.row.decision:has([data-served=MODEL])').click()");
        browser.await("document.querySelector('#decision .prompt')");
        String id = browser.text("new URLSearchParams(location.hash.slice(1)).get('id')");
        browser.click("#decision .label.chosen");
        browser.await("document.querySelector('#decision .label.chosen').getAttribute('aria-pressed') === 'true'");
        Path labels = log.resolveSibling("trajectory.jsonl.labels.jsonl");
        assertThat(Files.readAllLines(labels))
                .anySatisfy(line -> assertThat(line).contains(id).contains("\"chosen\""));

        browser.press("u");
        browser.await("document.querySelector('#decision .label.chosen').getAttribute('aria-pressed') === 'false'");
        browser.press("v");
        browser.await("document.querySelector('#review .chances')");
        browser.press("r");
        browser.await("document.querySelector('#review .note').textContent.includes('1 rejected')");
        browser.press("d");
        assertThat(Files.readAllLines(labels))
                .anySatisfy(line -> assertThat(line).contains("\"undo\"").contains(id))
                .anySatisfy(line -> assertThat(line).contains("\"rejected\""));
    }

    /** What is to be looked at, and kept with the documentation. */
    private static void pictures(Chromium browser, ConsoleServer console) {
        browser.await("document.querySelector('#map').ariaLabel.startsWith('Map of')");
        browser.await("getComputedStyle(document.querySelector('#said')).opacity === '0'");
        browser.run("document.querySelector('.row.decision:has([data-served=MODEL])').click()");
        browser.await("document.querySelector('#decision .prompt')");
        browser.picture(PICTURES.resolve("page-light.png"));
        browser.prefer("dark");
        browser.await("getComputedStyle(document.body).backgroundColor === 'rgb(12, 15, 19)'");
        browser.run(
                "window.frames = 0; requestAnimationFrame(function each() { window.frames++; requestAnimationFrame(each) })");
        browser.await("window.frames > 30"); // until the drawings are dark too
        browser.run(
                "window.framesSince = 0; requestAnimationFrame(function each() { framesSince++; requestAnimationFrame(each); })");
        browser.await("framesSince > 30"); // until the drawings are dark too
        browser.picture(PICTURES.resolve("page-dark.png"));
        browser.open(console.uri(), 375, 812);
        browser.await("document.querySelector('[data-vital=bots]').textContent === '1'");
        assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(375);
        browser.picture(PICTURES.resolve("page-375.png"));
        browser.run("document.querySelector('.row.decision:has([data-served=MODEL])').click()");
        browser.await("document.querySelector('#decision .prompt')");
        assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(375);
        browser.picture(PICTURES.resolve("page-375-decision.png"));
    }

    /** A battle on a thread of its own, until it is closed. */
    private static final class Game implements AutoCloseable {
        private final Engine engine;
        private final Thread thread;

        private Game(Engine engine, Thread thread) {
            this.engine = engine;
            this.thread = thread;
        }

        static Game start(Reflex reflex) {
            Engine engine = Engine.start();
            Cockpit cockpit = new LiveCockpit(reflex, 1, (decision, turn) -> {});
            List<String> opponents = Arena.MELEE.pairings().get(0);
            Thread thread = ReflexThreads.create(
                    "test-battle", () -> engine.fight(Arena.MELEE, opponents, ROUNDS, cockpit, true, LIMIT));
            thread.start();
            return new Game(engine, thread);
        }

        boolean isPlaying() {
            return thread.isAlive();
        }

        @Override
        public void close() {
            thread.interrupt(); // which aborts the battle
            try {
                thread.join(Duration.ofSeconds(30).toMillis());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            engine.close();
        }
    }
}
