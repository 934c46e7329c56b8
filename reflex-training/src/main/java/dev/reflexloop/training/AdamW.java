package dev.reflexloop.training;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/*
 * libtorch has an AdamW of its own. This one works on the flat weights in seven whole-vector operations, and its state
 * is two float vectors and a step that go into a checkpoint as they are.
 */
/** AdamW (Loshchilov and Hutter 2019, algorithm 2) with clipping by the global norm. One thread at a time. */
final class AdamW implements AutoCloseable {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.99;
    private static final double EPSILON = 1e-8;

    private final TorchModel model;
    private final PointerScope scope;
    private final Tensor first;
    private final Tensor second;

    AdamW(TorchModel model, float[] firstMoment, float[] secondMoment) {
        this.model = model;
        try (PointerScope opened = new PointerScope()) {
            this.scope = opened.extend();
            this.first = Tensor.create(firstMoment, firstMoment.length);
            this.second = Tensor.create(secondMoment, secondMoment.length);
        }
    }

    /**
     * Applies the model's gradient and zeroes it.
     *
     * @param step number of steps before this one
     * @return norm of the gradient before clipping; the weights are unchanged where it is not finite
     */
    @SuppressWarnings("try") // the scope and the guard work by being open
    double step(long step, double rate, double decay, double clip) {
        try (PointerScope ignored = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor gradient = model.gradient();
            double norm = gradient.norm().item_float();
            if (Double.isFinite(norm)) {
                if (norm > clip) {
                    gradient.mul_(scalar(clip / norm));
                }
                first.mul_(scalar(BETA1)).add_(gradient, scalar(1 - BETA1));
                second.mul_(scalar(BETA2)).addcmul_(gradient, gradient, scalar(1 - BETA2));
                double correction1 = 1 - Math.pow(BETA1, step + 1.0);
                double correction2 = 1 - Math.pow(BETA2, step + 1.0);
                Tensor weights = model.weights();
                weights.narrow(0, 0, model.map().decayed()).mul_(scalar(1 - rate * decay));
                Tensor root =
                        second.sqrt().mul_(scalar(1 / Math.sqrt(correction2))).add_(scalar(EPSILON));
                weights.addcdiv_(first, root, scalar(-rate / correction1));
            }
            gradient.zero_();
            return norm;
        }
    }

    float[] copyFirstMoment() {
        return TorchModel.copy(first);
    }

    float[] copySecondMoment() {
        return TorchModel.copy(second);
    }

    private static Scalar scalar(double value) {
        return new Scalar(value);
    }

    @Override
    public void close() {
        scope.close();
    }
}
