package dev.reflexloop;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once when a model is lost and once when it is back; how often it failed stands in the counters. Confined to the loop's turn. */
final class ModelHealth {
    private static final Logger LOG = LoggerFactory.getLogger(ReflexLoop.class);
    private static final int LOST_AFTER = 3;
    private static final long QUIET_NANOS = 10_000_000_000L;

    private final String model;
    private final LoopTelemetry telemetry;
    private final Background background;
    private int failuresInARow;
    private boolean saidLost;
    private boolean everSaid;
    private long saidNanos;

    ModelHealth(String model, LoopTelemetry telemetry, Background background) {
        this.model = model;
        this.telemetry = telemetry;
        this.background = background;
    }

    void answered() {
        failuresInARow = 0;
        if (saidLost) {
            saidLost = false;
            telemetry.modelBack(model);
            background.run(() -> LOG.info("Model '{}' is back", model));
        }
    }

    void failed(Cause cause, long nowNanos) {
        failuresInARow++;
        if (failuresInARow >= LOST_AFTER && !saidLost && (!everSaid || nowNanos - saidNanos >= QUIET_NANOS)) {
            saidLost = true;
            everSaid = true;
            saidNanos = nowNanos;
            telemetry.modelLost(model, cause);
            background.run(() -> LOG.warn(
                    "Model '{}' is lost: {} decisions in a row went to the fallback, the last because of {}; the loop goes on and asks again",
                    model,
                    LOST_AFTER,
                    cause));
        }
    }
}
