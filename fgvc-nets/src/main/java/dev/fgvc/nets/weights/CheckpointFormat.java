package dev.fgvc.nets.weights;

import java.io.IOException;
import java.util.Map;

/** One of TensorFlow's two ways to lay a checkpoint out in files. */
interface CheckpointFormat extends AutoCloseable {

  /** Every variable by name, from the index alone. */
  Map<String, StoredVariable> variables();

  /** Reads one variable and verifies its checksums. */
  RawTensor read(StoredVariable variable) throws IOException;

  @Override
  void close() throws IOException;
}
