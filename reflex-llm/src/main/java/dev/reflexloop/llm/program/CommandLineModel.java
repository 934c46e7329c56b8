package dev.reflexloop.llm.program;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.llm.ChatPrompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model behind a program of the command line, which gets a prompt and prints a reply. Thread-safe.
 *
 * <pre>{@code
 * CommandLineModel.builder("hermes", "chat", "-q", "{prompt}", "-Q", "-t", "none")
 *         .environment("HERMES_MODEL", "qwen2.5-1.5b")
 *         .environment("HERMES_BASE_URL", "http://127.0.0.1:8082/v1")
 *         .tag("[reflex]")
 *         .build();
 * }</pre>
 *
 * <p>The prompt takes the place of {@code {prompt}} in an argument, or goes to the program's standard input, in UTF-8, where no argument
 * has that place. No shell is between. The reply is what the program prints, less lines that begin with {@code session_id:}, read by
 * {@link ChatPrompt#read}. An answer is certain of one action: there are no probabilities, so its margin is 1 and nothing that asks for
 * doubt will see any. A reply that names no single action becomes an answer without probabilities, which a loop counts as illegal.
 *
 * <p>{@link #ask} runs the program once and never again within the same question: a retry inside a tick would only be late. The next tick
 * asks anew. {@link #call} is for outside of ticks, blocks, and retries. At the deadline, when the future is cancelled and when the model is
 * closed, the program and all that it started are killed. A JVM that is itself killed leaves the program to its own end.
 */
public final class CommandLineModel implements ReflexModel {
    private static final String PLACE = "{prompt}";
    private static final Pattern SESSION_LINE = Pattern.compile("(?im)^[ \\t]*session_id:.*(?:\\R|\\z)");
    private static final Pattern SECRET = Pattern.compile("(?i)key|token|secret|password");

    /** Windows takes 32,767 characters in all; Linux takes 131,071 bytes for one argument. */
    private static final int MOST_ON_COMMAND_LINE = 30_000;

    private static final int ERROR_LINES = 5;
    private static final int ERROR_LENGTH = 600;
    private static final long FIRST_PAUSE_MILLIS = 200;

    private final String id;
    private final List<String> command;
    private final Map<String, String> environment;
    private final String tag;
    private final ChatPrompt prompt;
    private final int outputBytes;
    private final int concurrent;
    private final ReflexModel asked;
    private final Semaphore free;
    private final ExecutorService threads;
    private final Set<ProgramRun> running = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private CommandLineModel(Builder builder) {
        this.command = builder.command;
        this.id = builder.id == null ? "program:" + command.get(0) : builder.id;
        this.environment = new LinkedHashMap<>(builder.environment);
        this.tag = builder.tag;
        this.prompt = builder.prompt;
        this.outputBytes = builder.outputBytes;
        this.concurrent = builder.concurrent;
        this.free = new Semaphore(concurrent);
        this.threads = Executors.newCachedThreadPool(ReflexThreads.factory("reflex-" + id + "-io"));
        this.asked = ReflexModel.blocking(id, concurrent, this::answer);
    }

    /**
     * Starts the settings of a model.
     *
     * @param program the program: a path, or a name on the PATH (on Windows that of an {@code .exe})
     * @param arguments its arguments; {@code {prompt}} in one of them stands for the prompt
     * @return a builder, one thread at a time
     */
    public static Builder builder(String program, String... arguments) {
        return new Builder(program, arguments);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return asked.ask(question, deadline);
    }

    private Answer answer(Question question, Deadline deadline) throws InterruptedException {
        if (!free.tryAcquire()) {
            throw busy();
        }
        try {
            String text = prompt.render(question);
            return prompt.answer(id, question, text, run(text, deadline));
        } finally {
            free.release();
        }
    }

    /**
     * Sends any prompt and blocks until there is a reply; for strategists and set-up, never inside a tick. What fails is repeated after a
     * pause of 0.2 s, which doubles from try to try.
     *
     * @param text the prompt; the tag is put in front
     * @param within how long each try may take, above zero
     * @param retries how many more tries there are when the first one fails, 0 or more
     * @return what the program printed, without {@code session_id:} lines and surrounding space; not empty
     * @throws ModelUnavailableException if all tries failed, with the reason of the last one
     * @throws ModelBusyException if no place was free within the time of one try
     * @throws InterruptedException if the calling thread was interrupted; the program is killed
     */
    public String call(String text, Duration within, int retries) throws InterruptedException {
        if (within.isZero() || within.isNegative() || retries < 0) {
            throw new IllegalArgumentException("a call of '" + id + "' has " + within + " per try and " + retries
                    + " retries; give a time above zero, and 0 or more retries");
        }
        if (!free.tryAcquire(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw busy();
        }
        try {
            for (int attempt = 0; ; attempt++) {
                try {
                    String reply = run(text, Deadline.in(within, ReflexClock.system()));
                    if (!reply.isBlank()) {
                        return reply;
                    }
                    throw unavailable("the program printed nothing", null);
                } catch (ReflexException failure) {
                    long pause = FIRST_PAUSE_MILLIS << Math.min(attempt, 10);
                    if (attempt == retries || closed.await(pause, TimeUnit.MILLISECONDS)) {
                        throw failure;
                    }
                }
            }
        } finally {
            free.release();
        }
    }

    private String run(String text, Deadline deadline) throws InterruptedException {
        String sent = (tag.isEmpty() ? text : tag + " " + text).replace('\0', ' ');
        boolean onCommandLine = command.stream().anyMatch(argument -> argument.contains(PLACE));
        if (onCommandLine && sent.length() > MOST_ON_COMMAND_LINE) {
            throw unavailable(
                    "the prompt has " + sent.length() + " characters and a command line takes " + MOST_ON_COMMAND_LINE
                            + "; leave {prompt} out of the arguments, so that it goes to the standard input",
                    null);
        }
        if (closed.getCount() == 0) {
            throw unavailable("it was closed; make a new one", null);
        }
        List<String> arguments =
                command.stream().map(argument -> argument.replace(PLACE, sent)).toList();
        byte[] input = onCommandLine ? new byte[0] : sent.getBytes(StandardCharsets.UTF_8);
        ProgramRun run;
        try {
            run = ProgramRun.start(arguments, environment, input, outputBytes, threads);
        } catch (IOException | RuntimeException failure) {
            throw unavailable(
                    "the program " + command.get(0)
                            + " could not be started; install it, or give its whole path, and see"
                            + " that it may be run",
                    failure);
        }
        running.add(run);
        try {
            if (closed.getCount() == 0) { // close() may have looked before the line above
                throw unavailable("it was closed; make a new one", null);
            }
            return reply(run, run.await(Math.max(0, deadline.remainingNanos())));
        } finally {
            run.kill();
            running.remove(run);
        }
    }

    private String reply(ProgramRun run, Optional<Integer> code) {
        if (code.isEmpty()) {
            throw unavailable("the program had not ended at the deadline and was killed" + errors(run), null);
        }
        if (code.get() != 0) {
            throw unavailable("the program ended with exit code " + code.get() + errors(run), null);
        }
        return SESSION_LINE.matcher(run.output()).replaceAll("").strip();
    }

    /** The last lines on standard error, without what the builder was given as a secret. */
    private String errors(ProgramRun run) {
        String text = run.errors();
        for (Map.Entry<String, String> each : environment.entrySet()) {
            if (!each.getValue().isEmpty() && SECRET.matcher(each.getKey()).find()) {
                text = text.replace(each.getValue(), "***");
            }
        }
        List<String> lines = text.strip().lines().toList();
        String last = String.join("\n  ", lines.subList(Math.max(0, lines.size() - ERROR_LINES), lines.size()));
        return last.isEmpty()
                ? " and said nothing on standard error"
                : "; its last lines on standard error:\n  " + last.substring(Math.max(0, last.length() - ERROR_LENGTH));
    }

    private ModelUnavailableException unavailable(String reason, @Nullable Throwable cause) {
        return new ModelUnavailableException(id, reason, cause);
    }

    private ModelBusyException busy() {
        return new ModelBusyException(
                id, "all " + concurrent + " of its programs run; raise concurrent(...) or lower the tick rate");
    }

    @Override
    public String id() {
        return id;
    }

    /**
     * The program, a digest of its arguments and of the variables that were set for it, the tag and the prompt. A digest, because either may
     * hold what others must not read; variables whose name has key, token, secret or password in it are not even part of that. What the
     * program itself asks, and with which settings, is not known here.
     */
    @Override
    public String settings() {
        Map<String, String> told = new TreeMap<>(environment);
        told.keySet().removeIf(name -> SECRET.matcher(name).find());
        return "program=" + command.get(0)
                + ", arguments and environment=" + Codex.hashOf(command + "\n" + told)
                + ", tag=" + tag
                + ", outputBytes=" + outputBytes
                + ", prompt: " + prompt.settings();
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Kills the programs that run and ends the threads; returns at once. Idempotent. */
    @Override
    public void close() {
        closed.countDown();
        asked.close();
        running.forEach(ProgramRun::kill);
        threads.shutdown(); // the readers end with the programs
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder {
        private final List<String> command;
        private final Map<String, String> environment = new LinkedHashMap<>();
        private String tag = "";
        private ChatPrompt prompt = ChatPrompt.plain();
        private int concurrent = 1;
        private int outputBytes = 64 << 10;
        private @Nullable String id;

        private Builder(String program, String... arguments) {
            List<String> all = new ArrayList<>(List.of(program));
            all.addAll(List.of(arguments));
            this.command = List.copyOf(all);
        }

        /**
         * Sets a variable of the program's environment, besides those of this JVM. Values of variables whose name has key, token, secret
         * or password in it are left out of errors.
         *
         * @param name the variable's name
         * @param value its value
         * @return this builder
         */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /**
         * Puts a tag and a space in front of every prompt, for instance {@code [reflex]}, so that a harness can tell our calls from
         * others. Default: none.
         *
         * @param text the tag
         * @return this builder
         */
        public Builder tag(String text) {
            this.tag = text;
            return this;
        }

        /**
         * Sets how questions become prompts. Default: {@link ChatPrompt#plain()}.
         *
         * @param newPrompt the prompt
         * @return this builder
         */
        public Builder prompt(ChatPrompt newPrompt) {
            this.prompt = newPrompt;
            return this;
        }

        /**
         * Sets how many programs run at a time; a question beyond that fails at once with {@link ModelBusyException}. Default: 1.
         *
         * @param count 1 or more
         * @return this builder
         */
        public Builder concurrent(int count) {
            if (count < 1) {
                throw new IllegalArgumentException(
                        "concurrent of a command-line model is " + count + "; give 1 or more");
            }
            this.concurrent = count;
            return this;
        }

        /**
         * Sets how much of a program's output is kept, from its beginning; the rest is read and dropped. Default: 64 KiB.
         *
         * @param bytes 16 or more
         * @return this builder
         */
        public Builder maxOutputBytes(int bytes) {
            if (bytes < 16) {
                throw new IllegalArgumentException(
                        "maxOutputBytes of a command-line model is " + bytes + "; give 16 or more");
            }
            this.outputBytes = bytes;
            return this;
        }

        /**
         * Sets the id for records. Default: {@code program:} and the program.
         *
         * @param name a short name
         * @return this builder
         */
        public Builder id(String name) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("id of a command-line model is blank; give it a short name");
            }
            this.id = name;
            return this;
        }

        /**
         * Builds the model. Starts nothing, and does not look whether the program is there.
         *
         * @return the model, to be closed by the caller
         * @throws IllegalArgumentException if the program is blank or holds {@code {prompt}}, or is a batch file that would get the
         *     prompt as an argument, which the shell of Windows would interpret
         */
        public CommandLineModel build() {
            String program = command.get(0).toLowerCase(Locale.ROOT);
            if (program.isBlank() || program.contains(PLACE)) {
                throw new IllegalArgumentException(
                        "program of a command-line model is '" + command.get(0) + "'; name the program to run");
            }
            boolean batch = program.endsWith(".bat") || program.endsWith(".cmd");
            if (batch && command.stream().anyMatch(argument -> argument.contains(PLACE))) {
                throw new IllegalArgumentException(
                        command.get(0) + " is run by a shell, which would interpret the prompt; leave"
                                + " {prompt} out, so that it goes to the standard input, or name the program that it starts");
            }
            return new CommandLineModel(this);
        }
    }
}
