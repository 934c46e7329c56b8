package dev.reflexloop.llm.program;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A real program that behaves like an agent harness, well or badly. Its first argument says how; the prompt is the second one, or its
 * standard input where that is {@code -}.
 */
final class FakeHarness {
    private FakeHarness() {}

    /** The command that runs it. */
    static CommandLineModel.Builder command(String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes()));
        all.add(FakeHarness.class.getName());
        all.addAll(List.of(arguments));
        return CommandLineModel.builder(java(), all.toArray(new String[0])).id("harness");
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", File.separatorChar == '\\' ? "java.exe" : "java")
                .toString();
    }

    private static String classes() {
        try {
            return Path.of(FakeHarness.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "obey" -> System.out.println("session_id: 42\n```\n" + firstLegal(prompt(arguments)) + "\n```");
            case "echo" -> System.out.println("  session_id: 42\n" + prompt(arguments) + "\nSESSION_ID: 43");
            case "say" -> System.out.println(arguments[2]);
            case "variable" -> System.out.println(System.getenv(prompt(arguments)));
            case "fail" -> {
                System.err.println("cannot reach " + System.getenv("HARNESS_BASE_URL") + " with "
                        + System.getenv("HARNESS_API_KEY"));
                System.exit(7);
            }
            case "fail-twice" -> failTwice(Path.of(arguments[2]));
            case "flood" -> flood();
            case "hang" -> hang(Path.of(arguments[2]));
            case "sleep" -> new CountDownLatch(1).await();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static String prompt(String[] arguments) throws IOException {
        return arguments[1].equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : arguments[1];
    }

    private static String firstLegal(String prompt) {
        String mark = "Possible now: ";
        String legal = prompt.substring(prompt.lastIndexOf(mark) + mark.length());
        return legal.lines().findFirst().orElseThrow().split(",", -1)[0];
    }

    private static void failTwice(Path count) throws IOException {
        int tries = Files.exists(count) ? Integer.parseInt(Files.readString(count)) : 0;
        Files.writeString(count, Integer.toString(tries + 1));
        if (tries < 2) {
            System.exit(1);
        }
        System.out.println("the third time");
    }

    private static void flood() {
        String line = "flee ".repeat(2_000);
        System.out.println("fight");
        for (int i = 0; i < 2_000; i++) {
            System.out.println(line);
            System.err.println(line);
        }
    }

    /** Starts a program that sleeps, writes both process ids to a file, and sleeps, too. */
    private static void hang(Path pids) throws Exception {
        Process below = new ProcessBuilder(java(), "-cp", classes(), FakeHarness.class.getName(), "sleep").start();
        Path unfinished = pids.resolveSibling("unfinished");
        Files.writeString(unfinished, ProcessHandle.current().pid() + "\n" + below.pid());
        Files.move(unfinished, pids);
        System.out.println("fight");
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
