package dev.fgvc.nets.train;

import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.StepLoss;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Computes nothing and remembers what it was asked for. */
final class RecordingEngine implements Engine {

  /** Images of each batch, in order. */
  final List<Integer> batches = new ArrayList<>();

  /** The classes and weights of each batch, in order. */
  final List<Targets> targets = new ArrayList<>();

  /** The options of the last network. */
  Optional<TrainingOptions> options = Optional.empty();

  /** The rate of each update, in order. */
  final List<Double> rates = new ArrayList<>();

  /** The averages that a network has after training, if not its start. */
  Optional<Weights> trained = Optional.empty();

  /** A transform that reads no file. */
  record Blank(Resolution resolution) implements ImageTransform {
    @Override
    public void apply(Path file, RandomGenerator random, FloatBuffer target) {
      target.put(new float[3 * resolution.pixels()]);
    }
  }

  @Override
  public String name() {
    return "recording";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public String unavailableBecause() {
    return "";
  }

  @Override
  public Network compile(NetworkGraph graph, Weights weights, InferenceOptions options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TrainableNetwork compileForTraining(
      NetworkGraph graph, Weights weights, TrainingOptions asked) {
    options = Optional.of(asked);
    return new Recorder(graph, weights);
  }

  private final class Recorder implements TrainableNetwork {

    private final NetworkGraph graph;
    private final Weights weights;

    Recorder(NetworkGraph graph, Weights weights) {
      this.graph = graph;
      this.weights = weights;
    }

    @Override
    public NetworkGraph graph() {
      return graph;
    }

    @Override
    public Precision precision() {
      return Precision.FP32;
    }

    @Override
    public StepLoss accumulate(Images images, Targets classes) {
      batches.add(images.count());
      targets.add(classes);
      return new StepLoss(1, 0, 0);
    }

    @Override
    public void update(double learningRate) {
      rates.add(learningRate);
    }

    @Override
    public Weights gradients() {
      return weights;
    }

    @Override
    public Weights weights() {
      return weights;
    }

    @Override
    public Weights averagedWeights() {
      return trained.orElse(weights);
    }

    @Override
    public TrainingState state() {
      return new TrainingState(
          weights, Optional.of(averagedWeights()), Map.of(), rates.size(), batches.size());
    }

    @Override
    public void restore(TrainingState state) {}

    @Override
    public void close() {}
  }
}
