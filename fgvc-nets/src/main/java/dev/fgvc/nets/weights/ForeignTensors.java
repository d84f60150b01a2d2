package dev.fgvc.nets.weights;

import java.io.IOException;
import java.util.Set;

/** Tensors of another library's file, under that library's names and in TensorFlow's layout. */
interface ForeignTensors extends AutoCloseable {

  /** All names, in the order of the file. */
  Set<String> names();

  /** Reads one tensor; those that hold whole numbers are refused by name. */
  WeightTensor tensor(String name) throws IOException;

  @Override
  void close() throws IOException;
}
