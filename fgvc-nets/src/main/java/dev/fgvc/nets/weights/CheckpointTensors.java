package dev.fgvc.nets.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** The variables of a TensorFlow checkpoint as weights. */
final class CheckpointTensors implements ForeignTensors {

  private final Path path;
  private final TensorFlowCheckpoint checkpoint;

  private CheckpointTensors(Path path, TensorFlowCheckpoint checkpoint) {
    this.path = path;
    this.checkpoint = checkpoint;
  }

  static CheckpointTensors open(Path path) throws IOException {
    return new CheckpointTensors(path, TensorFlowCheckpoint.open(path));
  }

  @Override
  public Set<String> names() {
    return checkpoint.names();
  }

  @Override
  public WeightTensor tensor(String name) throws IOException {
    return checkpoint.tensor(name).toWeights(path, name);
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
