package dev.reflexloop.console.web;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A real Chromium without a window, and what a user does with it. The programs are those that the environment names as {@code
 * REFLEX_CHROMIUM} and {@code REFLEX_CHROMEDRIVER}, or the first of the usual names in the path; where there is none, the test is skipped.
 * Nothing is ever downloaded. One thread at a time.
 */
public final class Chromium implements AutoCloseable {
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final ChromeDriver driver;
    private final Path profile;

    private Chromium(ChromeDriver driver, Path profile) {
        this.driver = driver;
        this.profile = profile;
    }

    /** The browser's folder; its last processes may still write there when it has gone, so what cannot be deleted is left. */
    private static final class Profile {
        private Profile() {}

        static Path create() {
            try {
                return Files.createTempDirectory("reflex-chromium-");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        static void delete(Path profile) {
            try (Stream<Path> all = Files.walk(profile)) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(each -> each.toFile().delete());
            } catch (IOException | UncheckedIOException changed) {
                profile.toFile().deleteOnExit();
            }
        }
    }

    /**
     * Starts a browser with a profile of its own.
     *
     * @return the browser
     */
    public static Chromium start() {
        Optional<Path> browser = program("REFLEX_CHROMIUM", "chromium", "chromium-browser", "google-chrome");
        Optional<Path> driver = program("REFLEX_CHROMEDRIVER", "chromedriver");
        assumeTrue(browser.isPresent(), "needs Chromium in the path, or its file in REFLEX_CHROMIUM");
        assumeTrue(driver.isPresent(), "needs chromedriver in the path, or its file in REFLEX_CHROMEDRIVER");
        SELENIUM.setLevel(Level.SEVERE); // it has no protocol classes for the newest browsers, which nothing here needs
        Path profile = Profile.create();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser.orElseThrow().toFile());
        options.addArguments(arguments(profile));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        // Selenium looks no further, and downloads nothing, when it is told the file.
        System.setProperty(
                ChromeDriverService.CHROME_DRIVER_EXE_PROPERTY,
                driver.orElseThrow().toString());
        try {
            return new Chromium(new ChromeDriver(options), profile);
        } catch (RuntimeException failure) {
            Profile.delete(profile);
            throw failure;
        }
    }

    private static List<String> arguments(Path profile) {
        List<String> arguments = new ArrayList<>(List.of(
                "--headless=new",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
                "--user-data-dir=" + profile));
        if ("root".equals(System.getProperty("user.name"))) {
            arguments.add("--no-sandbox"); // which Chromium cannot have for root
        }
        return arguments;
    }

    private static Optional<Path> program(String variable, String... names) {
        String named = System.getenv(variable);
        if (named != null && !named.isBlank()) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        String[] folders = Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator, -1);
        return Stream.of(names)
                .flatMap(name -> Stream.of(folders).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Opens a page in a window of a size, and forgets what other pages logged.
     *
     * @param address the page
     * @param width in CSS pixels
     * @param height the same
     */
    public void open(URI address, int width, int height) {
        driver.get("about:blank");
        driver.manage().logs().get(LogType.BROWSER);
        boolean isPhone = width < 600;
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", isPhone ? 2 : 1, "mobile", isPhone));
        driver.get(address.toString());
    }

    /**
     * Takes the system's theme for light or dark.
     *
     * @param scheme {@code light} or {@code dark}
     */
    public void prefer(String scheme) {
        Object feature = Map.of("name", "prefers-color-scheme", "value", scheme);
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
    }

    /** Runs JavaScript in the page, and gives what it returns. */
    public Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Gives a number that an expression in JavaScript has. */
    public double number(String expression) {
        Object value = run("return " + expression);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new AssertionError(expression + " is no number but " + value);
    }

    /** Gives the text that an expression in JavaScript has. */
    public String text(String expression) {
        return String.valueOf(run("return " + expression));
    }

    /**
     * Waits until an expression in JavaScript holds; an exception in it counts as no.
     *
     * @param expression a boolean
     */
    public void await(String expression) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!Boolean.TRUE.equals(run("try { return Boolean(" + expression + ") } catch (e) { return false }"))) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError(
                        "in vain waited " + PATIENCE.toSeconds() + " s for " + expression + "; the page shows: "
                                + text("document.body.innerText.slice(0, 2000)") + "; it logged: " + complaints());
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    /** Clicks what a selector finds first. */
    public void click(String selector) {
        element(selector).click();
    }

    /** Types into what a selector finds first, in the place of what stood there. */
    public void type(String selector, String words) {
        WebElement field = element(selector);
        field.clear();
        field.sendKeys(words);
    }

    private WebElement element(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    /** Presses keys one after another, wherever the focus is. */
    public void press(CharSequence... keys) {
        Actions actions = new Actions(driver);
        for (CharSequence key : keys) {
            actions.sendKeys(key);
        }
        actions.perform();
    }

    /** Presses Enter. */
    public void enter() {
        press(Keys.ENTER);
    }

    /** Presses Escape. */
    public void escape() {
        press(Keys.ESCAPE);
    }

    /** Goes back in the history. */
    public void back() {
        driver.navigate().back();
    }

    /** What the page complained of since it was opened, or since this was asked the last time. */
    public List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::toString)
                .toList();
    }

    /** Keeps what is to be seen as a picture. */
    public void picture(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
            Path shot = driver.getScreenshotAs(OutputType.FILE).toPath();
            Files.move(shot, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        try {
            driver.quit();
        } finally {
            Profile.delete(profile);
        }
    }
}
