package dev.reflexloop.benchmarks;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Every arrow points towards core, and core knows no transport, no model library and no game. */
class ArchitectureTest {
    private static final String CORE = "dev.reflexloop";
    private static final String CODEX = "dev.reflexloop.codex";
    private static final String LLM = "dev.reflexloop.llm..";
    private static final String ESCALATION = "dev.reflexloop.escalation..";
    private static final String[] COMMANDS = {"dev.reflexloop.llm.command", "dev.reflexloop.escalation.command"};
    private static final String TRAINING = "dev.reflexloop.training..";
    private static final String TESTKIT = "dev.reflexloop.testkit..";
    private static final String EXAMPLES = "dev.reflexloop.examples..";
    private static final String BENCHMARKS = "dev.reflexloop.benchmarks..";

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(CORE);

    @Test
    void everyModule_imported_isSeen() {
        assertThat(OURS.stream().map(JavaClass::getPackageName).distinct())
                .contains(
                        CORE,
                        CODEX,
                        "dev.reflexloop.llm",
                        "dev.reflexloop.escalation",
                        "dev.reflexloop.training",
                        "dev.reflexloop.testkit");
    }

    @Test
    void core_dependencies_areItsFourLibrariesAndTheJdk() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAnyPackage(CORE, CODEX)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                CORE,
                                CODEX,
                                "java.io..",
                                "java.lang..",
                                "java.math..",
                                "java.nio..",
                                "java.security..",
                                "java.time..",
                                "java.util..",
                                "com.fasterxml.jackson..",
                                "org.HdrHistogram..",
                                "org.jspecify..",
                                "org.slf4j..")
                        .or(isArrayOrPrimitive()))
                .because("core never sees HTTP, a model library or a game")
                .check(OURS);
    }

    @Test
    void coreItself_dependencies_leaveTheCodexOut() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(CODEX)
                .because("a ledger blocks, and a loop must not")
                .check(OURS);
    }

    @Test
    void llm_dependencies_pointToCoreOnly() {
        noClasses()
                .that()
                .resideInAPackage(LLM)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ESCALATION, TRAINING, TESTKIT, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void escalation_dependencies_pointToCoreAndLlmOnly() {
        noClasses()
                .that()
                .resideInAPackage(ESCALATION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TRAINING, TESTKIT, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void nano_dependencies_areCoreAndTheJdkOnly() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAnyPackage("dev.reflexloop.llm.nano..", "dev.reflexloop.llm.gguf..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                CORE,
                                CODEX,
                                LLM,
                                "java..",
                                "jdk.incubator.vector..",
                                "com.fasterxml.jackson..",
                                "org.jspecify..",
                                "org.slf4j..")
                        .or(isArrayOrPrimitive()))
                .because("a bot that plays with the embedded engine pulls nothing else")
                .allowEmptyShould(true)
                .check(OURS);
    }

    @Test
    void optionalLibraries_ofLlm_areUsedInOnePlaceEach() {
        Map.of(
                        "com.github.benmanes.caffeine..", "dev.reflexloop.llm.decorator.DecisionCacheModel",
                        "com.netflix.concurrency..", "dev.reflexloop.llm.decorator.AdaptiveLimitModel",
                        "io.github.resilience4j..", "dev.reflexloop.llm.decorator.CircuitBreakerModel",
                        "dev.langchain4j..", "dev.reflexloop.llm.langchain4j.")
                .forEach((library, place) -> noClasses()
                        .that()
                        .resideInAPackage(LLM)
                        .and(not(nameBegins(place)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library)
                        .because("whoever does not use it does not have the library")
                        .check(OURS));
    }

    @Test
    void training_dependencies_pointToCoreAndLlmOnly() {
        noClasses()
                .that()
                .resideInAPackage(TRAINING)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TESTKIT, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void libtorch_users_areInTrainingOnly() {
        noClasses()
                .that(not(resideInAPackage(TRAINING)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("what plays must not need a native library")
                .check(OURS);
    }

    @Test
    void testkit_dependencies_pointToCoreOnly() {
        noClasses()
                .that()
                .resideInAPackage(TESTKIT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(LLM, ESCALATION, TRAINING, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void library_output_goesToSlf4jOnly() {
        JavaClasses library = OURS.that(resideInAnyPackage(CORE, CODEX, LLM, ESCALATION));
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(library.that(not(resideInAnyPackage(COMMANDS))));
        NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(library);
    }

    @Test
    void commonPool_isNeverUsed() {
        noClasses()
                .should()
                .callMethod(ForkJoinPool.class, "commonPool")
                .orShould()
                .callMethod(CompletableFuture.class, "supplyAsync", Supplier.class)
                .orShould()
                .callMethod(CompletableFuture.class, "runAsync", Runnable.class)
                .orShould()
                .callMethod(CompletableFuture.class, "completeAsync", Supplier.class)
                .orShould()
                .callMethod(CompletableFuture.class, "thenApplyAsync", Function.class)
                .orShould()
                .callMethod(CompletableFuture.class, "thenAcceptAsync", Consumer.class)
                .orShould()
                .callMethod(CompletableFuture.class, "thenComposeAsync", Function.class)
                .orShould()
                .callMethod(CompletableFuture.class, "whenCompleteAsync", BiConsumer.class)
                .orShould()
                .callMethod(CompletableFuture.class, "handleAsync", BiFunction.class)
                .because("the game's own tasks and ours must not wait for each other")
                .check(OURS);
    }

    @Test
    void everyPackage_ofTheLibrary_isNullMarked() {
        assertThat(OURS.that(not(resideInAPackage("..jmh_generated.."))).stream()
                        .map(JavaClass::getPackage)
                        .distinct())
                .allSatisfy(ours -> assertThat(ours.tryGetAnnotationOfType(NullMarked.class))
                        .as("@NullMarked on the package-info of %s", ours.getName())
                        .isPresent());
    }

    private static DescribedPredicate<JavaClass> nameBegins(String place) {
        return DescribedPredicate.describe("in " + place, type -> type.getName().startsWith(place));
    }

    private static DescribedPredicate<JavaClass> isArrayOrPrimitive() {
        return DescribedPredicate.describe("arrays and primitives", type -> type.isArray() || type.isPrimitive());
    }
}
