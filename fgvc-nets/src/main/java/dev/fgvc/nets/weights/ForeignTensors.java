package dev.fgvc.nets.weights;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tensors of another library's file, under that file's own names and in TensorFlow's layout. */
interface ForeignTensors extends AutoCloseable {

  /** The full names of all tensors, in the order of the file. */
  Set<String> names();

  /** The sizes of a tensor's axes in TensorFlow's layout; known without reading its values. */
  List<Integer> shape(String name) throws IOException;

  /** Reads one tensor; those that hold whole numbers are refused by name. */
  WeightTensor tensor(String name) throws IOException;

  /**
   * Where in the file a network may lie: the scopes before some of the wanted names.
   *
   * @param wanted names as the library itself gives them
   * @return for each scope, which may be empty and ends in its separator, the wanted names that are
   *     found in it, and the file's full names for them
   * @throws IllegalArgumentException if two tensors have one name
   */
  Map<String, Map<String, String>> scopes(Set<String> wanted);

  /** The reason why the file's tensors cannot be recognised, as a sentence; empty if none. */
  default String hindrance() {
    return "";
  }

  @Override
  void close() throws IOException;
}
