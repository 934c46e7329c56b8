package dev.reflexloop.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.llm.gguf.AtomicFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/*
 * Standard input: one line with the plan, then nothing, or the line "stop"; its end means that the parent is gone, and
 * then this process ends at once, whatever it is doing. Standard output: one JSON object per line and nothing else;
 * whatever libraries print goes to standard error.
 */
/** The child process: reads a plan, trains, writes the model. Its main method is started by {@link ChildProcess}. */
final class TrainingWorker {

    static final int ORPHANED = 70;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream events;
    private final AtomicBoolean stop = new AtomicBoolean();

    private TrainingWorker(PrintStream events) {
        this.events = events;
    }

    /** Runs in the child. */
    public static void main(String[] arguments) throws IOException {
        PrintStream events = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = in.readLine();
        if (line == null) {
            Runtime.getRuntime().halt(ORPHANED);
            return;
        }
        TrainingPlan plan = TrainingPlan.fromJson(line);
        TrainingWorker worker = new TrainingWorker(events);
        worker.watchParent(in, plan.scratch());
        Runtime.getRuntime().halt(worker.runGuarded(plan));
    }

    private void watchParent(BufferedReader in, Path scratch) {
        Thread listener = new Thread(
                () -> {
                    try {
                        for (String line = in.readLine(); line != null; line = in.readLine()) {
                            stop.compareAndSet(false, line.equals("stop"));
                        }
                    } catch (IOException broken) {
                        // A broken pipe means the same as its end.
                    }
                    deleteTree(scratch);
                    Runtime.getRuntime().halt(ORPHANED);
                },
                "reflex-training-parent-watch");
        listener.setDaemon(true);
        listener.start();
        // On Windows another process may have inherited the pipe, and then its end never comes.
        ProcessHandle.current()
                .parent()
                .ifPresent(parent -> parent.onExit().thenRun(() -> {
                    deleteTree(scratch);
                    Runtime.getRuntime().halt(ORPHANED);
                }));
    }

    private int runGuarded(TrainingPlan plan) {
        try {
            run(plan);
            return 0;
        } catch (TrainingException failure) {
            error(failure.reason(), failure.subject(), String.valueOf(failure.getMessage()));
        } catch (IOException failure) {
            error(
                    TrainingException.Reason.CANNOT_WRITE,
                    plan.output().toString(),
                    "Cannot write '" + plan.output() + "' or its checkpoint (" + failure
                            + "); free the disk or choose another output");
        } catch (OutOfMemoryError failure) {
            outOfMemory(plan, failure);
        } catch (LinkageError failure) {
            failure.printStackTrace();
            error(
                    TrainingException.Reason.NO_NATIVES,
                    "libtorch",
                    "libtorch could not be loaded (" + failure
                            + "); put org.bytedeco:pytorch, :openblas and :javacpp of one"
                            + " version with the classifier of this platform on the class path");
        } catch (RuntimeException failure) {
            if (String.valueOf(failure.getMessage()).contains("alloc")) {
                outOfMemory(plan, failure);
            } else {
                failure.printStackTrace();
                error(
                        TrainingException.Reason.CHILD_DIED,
                        plan.output().toString(),
                        "Training failed: " + failure + "; the stack trace is among the last lines");
            }
        }
        return 1;
    }

    private void outOfMemory(TrainingPlan plan, Throwable failure) {
        error(
                TrainingException.Reason.OUT_OF_MEMORY,
                plan.output().toString(),
                "The training process ran out of memory (" + failure
                        + "); give it a larger heap, fewer logs, a smaller batch or a smaller model");
    }

    private void run(TrainingPlan plan) throws IOException {
        Path lockFile = plan.output()
                .toAbsolutePath()
                .resolveSibling("." + plan.output().getFileName() + ".lock");
        Files.createDirectories(Optional.ofNullable(lockFile.getParent()).orElse(Path.of(".")));
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            if (lock == null) {
                throw new TrainingException(
                        TrainingException.Reason.CANNOT_WRITE,
                        plan.output().toString(),
                        "Another training is writing '" + plan.output() + "'; wait for it or choose another output",
                        null);
            }
            deleteLeftovers(plan);
            train(plan);
        }
        Files.deleteIfExists(lockFile);
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException held) {
            return null;
        }
    }

    /** Deletes the temporary files of a run that was killed while it wrote. */
    private static void deleteLeftovers(TrainingPlan plan) throws IOException {
        Path folder = plan.output().toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        for (Path file : List.of(plan.output(), plan.checkpoint(), plan.report())) {
            try (DirectoryStream<Path> leftovers =
                    Files.newDirectoryStream(folder, path -> AtomicFiles.isTemporary(path, file))) {
                for (Path leftover : leftovers) {
                    Files.deleteIfExists(leftover);
                }
            }
        }
        if (plan.fresh()) {
            Files.deleteIfExists(plan.checkpoint());
        }
    }

    private void train(TrainingPlan plan) throws IOException {
        message(TrainingProgress.Phase.READING, "loading libtorch");
        Loader.load(torch.class);
        torch.set_num_threads(plan.threads());
        message(TrainingProgress.Phase.READING, "reading logs");
        TrainingLogs logs = TrainingLogs.of(plan.logs());
        DataSet data = DataSet.read(logs, plan.options(), plan.label());
        Split split = Split.byEpisode(
                data.examples(), plan.heldOutShare(), plan.hyper().seed());
        check(plan, data, split);
        WeightMap map = new WeightMap(plan.shape(), data.vocabulary());
        message(
                TrainingProgress.Phase.READING,
                split.training().length + " examples and " + split.heldOut().length + " held out, from " + logs.steps()
                        + " steps in " + logs.files() + " logs; "
                        + data.layout().fields().size() + " fields, "
                        + data.vocabulary() + " tokens, " + map.size() + " parameters");
        data.notices().forEach(notice -> message(TrainingProgress.Phase.READING, notice));
        TrainingRun run = new TrainingRun(
                map,
                data.examples(),
                split,
                data.labelTokens(),
                data.targetTokens(),
                plan.hyper(),
                plan.checkpoint(),
                plan.checkpointNanos(),
                System::nanoTime,
                stop::get,
                new Reporter());
        Optional<TrainingRun.Result> result = run.run();
        if (result.isEmpty()) {
            throw new TrainingException(
                    TrainingException.Reason.INTERRUPTED,
                    plan.output().toString(),
                    "Training was stopped; start it again with the same settings to go on from the checkpoint",
                    null);
        }
        message(TrainingProgress.Phase.WRITING, "writing " + plan.output());
        finish(plan, data, split, map, result.get());
    }

    private static void check(TrainingPlan plan, DataSet data, Split split) {
        if (split.heldOut().length == 0 || split.training().length == 0) {
            throw new TrainingException(
                    TrainingException.Reason.UNUSABLE_DATA,
                    data.layout().schema(),
                    "The logs hold " + data.examples().count() + " usable steps in " + data.episodes()
                            + " episodes, too few to hold some out; record more play",
                    null);
        }
        if (data.examples().longest() > plan.shape().contextLength()) {
            throw new TrainingException(
                    TrainingException.Reason.UNUSABLE_DATA,
                    data.layout().schema(),
                    "The longest prompt has " + data.examples().longest() + " tokens, but the model's context is "
                            + plan.shape().contextLength() + "; raise the context or show fewer records",
                    null);
        }
    }

    private void finish(TrainingPlan plan, DataSet data, Split split, WeightMap map, TrainingRun.Result result)
            throws IOException {
        String name = String.valueOf(plan.output().getFileName());
        NanoModelFile.write(plan.output(), map, result.weights(), data.layout(), plan.type(), name);
        List<List<Integer>> confusion = new ArrayList<>();
        for (int[] row : result.heldOut().confusion()) {
            confusion.add(Arrays.stream(row).boxed().toList());
        }
        TrainingReport report = new TrainingReport(
                plan.output(),
                plan.report(),
                map.size(),
                Files.size(plan.output()),
                map.vocabulary(),
                split.training().length,
                split.heldOut().length,
                data.episodes(),
                data.examples().longest(),
                result.heldOut().accuracy(),
                result.heldOut().loss(),
                result.heldOut().legalMass(),
                confusion,
                data.layout().actions(),
                result.steps(),
                java.time.Duration.ofNanos(result.elapsedNanos()),
                plan.hyper().seed(),
                result.ending(),
                data.notices());
        AtomicFiles.replace(plan.report(), temporary -> Files.writeString(temporary, report.toJson() + "\n"));
        Files.deleteIfExists(plan.checkpoint());
        ObjectNode event = JSON.createObjectNode().put("event", "done");
        event.set("report", JSON.readTree(report.toJson()));
        events.println(event);
    }

    private void message(TrainingProgress.Phase phase, String text) {
        events.println(JSON.createObjectNode()
                .put("event", "progress")
                .put("phase", phase.name())
                .put("message", text));
    }

    private void error(TrainingException.Reason reason, String subject, String text) {
        events.println(JSON.createObjectNode()
                .put("event", "error")
                .put("reason", reason.name())
                .put("subject", subject)
                .put("message", text));
    }

    private static void deleteTree(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            // A file in use stays behind in the temporary folder; there is nobody to tell.
        }
    }

    private final class Reporter implements TrainingRun.Watcher {
        @Override
        public void progress(TrainingRun.State state, LabelLoss.@Nullable Figures heldOut) {
            ObjectNode event = JSON.createObjectNode()
                    .put("event", "progress")
                    .put("phase", TrainingProgress.Phase.TRAINING.name())
                    .put("done", state.progress())
                    .put("step", state.step())
                    .put("examplesPerSecond", state.examplesPerSecond())
                    .put("elapsedNanos", state.elapsedNanos());
            if (Double.isFinite(state.loss())) {
                event.put("loss", state.loss());
            }
            if (heldOut != null) {
                event.put("heldOutAccuracy", heldOut.accuracy()).put("heldOutLoss", heldOut.loss());
            }
            events.println(event);
        }

        @Override
        public void resumed(long step) {
            message(TrainingProgress.Phase.TRAINING, "resuming from the checkpoint after step " + step);
        }
    }
}
