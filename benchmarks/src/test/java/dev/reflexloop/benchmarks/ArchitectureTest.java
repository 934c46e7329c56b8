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
import com.tngtech.archunit.core.domain.JavaModifier;
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
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Every arrow points towards core, and core knows no transport, no model library and no game. */
class ArchitectureTest {
    private static final String CORE = "dev.reflexloop";
    private static final String CODEX = "dev.reflexloop.codex";
    private static final String LLM = "dev.reflexloop.llm..";
    private static final String ESCALATION = "dev.reflexloop.escalation..";
    private static final String[] COMMANDS = {"dev.reflexloop.llm.command", "dev.reflexloop.escalation.command"};
    private static final String RELAY = "dev.reflexloop.escalation.relay";
    private static final String[] LANGCHAIN4J = {
        "dev.reflexloop.llm.langchain4j", "dev.reflexloop.escalation.langchain4j"
    };
    private static final String TRAINING = "dev.reflexloop.training..";
    private static final String CONSOLE = "dev.reflexloop.console..";
    private static final String TELEMETRY = "dev.reflexloop.telemetry..";
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
                        "dev.reflexloop.telemetry",
                        "dev.reflexloop.console",
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
                .resideInAnyPackage(ESCALATION, TRAINING, CONSOLE, TELEMETRY, TESTKIT, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void escalation_dependencies_pointToCoreAndLlmOnly() {
        noClasses()
                .that()
                .resideInAPackage(ESCALATION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TRAINING, CONSOLE, TELEMETRY, TESTKIT, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void langChain4j_ofTheLibrary_isUsedInThePackagesThatBearItsName() {
        noClasses()
                .that(resideInAnyPackage(CORE, CODEX, LLM, ESCALATION, TRAINING, TESTKIT))
                .and(not(resideInAnyPackage(LANGCHAIN4J)))
                .should()
                .dependOnClassesThat(resideInAPackage("dev.langchain4j..").or(resideInAnyPackage(LANGCHAIN4J)))
                .because("whoever does not use it does not have the library, and so loads nothing that needs it")
                .check(OURS);
    }

    @Test
    void http_inEscalation_isTheRelaysOnly() {
        noClasses()
                .that()
                .resideInAPackage(ESCALATION)
                .and(not(resideInAPackage(RELAY)))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.hc..", "java.net.http..", "javax.net..", "com.sun.net..")
                .because("a file, an inbox and a strategist need no network of ours")
                .check(OURS);
    }

    @Test
    void relaysAndEscalations_dependencies_areNotOnEachOther() {
        noClasses()
                .that()
                .resideInAPackage(RELAY)
                .should()
                .dependOnClassesThat(resideInAPackage(ESCALATION).and(not(resideInAPackage(RELAY))))
                .because("alerts are passed on without anybody being asked")
                .check(OURS);
        noClasses()
                .that()
                .resideInAPackage(ESCALATION)
                .and(not(resideInAnyPackage(RELAY)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(RELAY)
                .because("who asks knows an alert sink, not where it leads")
                .check(OURS);
    }

    @Test
    void commands_ofModules_areUsedByTheConsoleOnly() {
        noClasses()
                .that(not(resideInAnyPackage(COMMANDS).or(resideInAPackage(CONSOLE))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(COMMANDS)
                .because("they are the outermost ring")
                .check(OURS);
    }

    @Test
    void console_fromOutside_isUsedByNobody() {
        noClasses()
                .that(not(resideInAnyPackage(CONSOLE, BENCHMARKS)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(CONSOLE)
                .because("it shows what the others do")
                .check(OURS);
    }

    @Test
    void telemetry_dependencies_pointToCoreOnly() {
        noClasses()
                .that()
                .resideInAPackage(TELEMETRY)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(LLM, ESCALATION, TRAINING, CONSOLE, TESTKIT, EXAMPLES, BENCHMARKS)
                .check(OURS);
    }

    @Test
    void publicFace_ofCoreAndEscalation_hasNoTypesOfThirdParties() {
        OURS.that(resideInAnyPackage(CORE, CODEX, ESCALATION).and(not(resideInAnyPackage(LANGCHAIN4J)))).stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
                .forEach(unit -> assertThat(
                                Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream())
                                        .map(JavaClass::getBaseComponentType))
                        .as(unit.getFullName())
                        .allMatch(type -> type.isPrimitive()
                                || type.getName().startsWith("java.")
                                || type.getName().startsWith(CORE + ".")));
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
    void optionalLibraries_ofTheLibrary_areUsedInOnePlaceEach() {
        Map.of(
                        "com.github.benmanes.caffeine..", "dev.reflexloop.llm.decorator.DecisionCacheModel",
                        "com.netflix.concurrency..", "dev.reflexloop.llm.decorator.AdaptiveLimitModel",
                        "io.github.resilience4j..", "dev.reflexloop.llm.decorator.CircuitBreakerModel")
                .forEach((library, place) -> noClasses()
                        .that()
                        .resideInAnyPackage(LLM, ESCALATION)
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
                .resideInAnyPackage(ESCALATION, TESTKIT, EXAMPLES, BENCHMARKS)
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
