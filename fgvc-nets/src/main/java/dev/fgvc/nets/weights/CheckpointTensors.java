package dev.fgvc.nets.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The variables of a TensorFlow checkpoint as weights. */
final class CheckpointTensors implements ForeignTensors {

  /** Nothing stands inside a name that could be left out. */
  private static final Pattern NO_WRAPPERS = Pattern.compile("(?!)");

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
  public List<Integer> shape(String name) {
    return checkpoint.shape(name);
  }

  @Override
  public Map<String, Map<String, String>> scopes(Set<String> wanted) {
    return ScopedNames.find(names(), wanted, '/', NO_WRAPPERS);
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
