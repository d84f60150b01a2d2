package dev.fgvc.nets.weights;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The variables of a TensorFlow checkpoint, in the V2 format ({@code .index} and {@code .data-}
 * files) or the V1 format (one file, or several named {@code -00000-of-00002}), partitioned
 * variables included. Opening reads the index only; each variable is read when asked for, and its
 * checksums are verified.
 *
 * <p>To start a network from a checkpoint, use {@link WeightsImport#tensorFlow}.
 */
public final class TensorFlowCheckpoint implements AutoCloseable {

  private static final Pattern FILE_OF_CHECKPOINT =
      Pattern.compile("(.+?)(\\.index|\\.meta|(\\.data)?-(\\d{5}|\\?{5})-of-\\d{5})");

  private static final Pattern SHARD = Pattern.compile("-(\\d{5})-of-(\\d{5})");

  private final Path prefix;
  private final CheckpointFormat format;
  private final Map<String, StoredVariable> variables;

  private TensorFlowCheckpoint(Path prefix, CheckpointFormat format) {
    this.prefix = prefix;
    this.format = format;
    this.variables = format.variables();
  }

  /**
   * Opens a checkpoint.
   *
   * @param path its prefix, such as {@code model.ckpt-1000}, or any file of it
   * @return the checkpoint; the caller closes it
   * @throws WeightsFormatException if the index is damaged, truncated or of another kind; no memory
   *     is taken for sizes that the files do not really have
   * @throws IOException if a file is missing or cannot be read
   */
  public static TensorFlowCheckpoint open(Path path) throws IOException {
    Matcher part = FILE_OF_CHECKPOINT.matcher(path.getFileName().toString());
    String name = part.matches() ? part.group(1) : path.getFileName().toString();
    Path prefix = path.resolveSibling(name);
    if (Files.exists(path.resolveSibling(name + ".index"))) {
      return new TensorFlowCheckpoint(prefix, BundleCheckpoint.open(prefix));
    }
    List<Path> tables = Files.isRegularFile(prefix) ? List.of(prefix) : shards(prefix);
    return new TensorFlowCheckpoint(prefix, SliceCheckpoint.open(tables));
  }

  /** The tables of a sharded V1 checkpoint, all of one count. */
  private static List<Path> shards(Path prefix) throws IOException {
    String name = prefix.getFileName().toString();
    Optional<String> count;
    try (Stream<Path> siblings = Files.list(prefix.toAbsolutePath().getParent())) {
      count =
          siblings
              .map(sibling -> sibling.getFileName().toString())
              .filter(sibling -> sibling.startsWith(name))
              .map(sibling -> SHARD.matcher(sibling.substring(name.length())))
              .filter(Matcher::matches)
              .map(shard -> shard.group(2))
              .findFirst();
    }
    int shards =
        Integer.parseInt(
            count.orElseThrow(
                () ->
                    new FileNotFoundException(
                        prefix
                            + ": no checkpoint of this name, neither .index nor a file itself")));
    List<Path> tables = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      Path table =
          prefix.resolveSibling(String.format(Locale.ROOT, "%s-%05d-of-%05d", name, i, shards));
      if (!Files.exists(table)) {
        throw new FileNotFoundException(
            table + ": the checkpoint has " + shards + " shards, this one is missing");
      }
      tables.add(table);
    }
    return tables;
  }

  /**
   * All variables, of any type.
   *
   * @return full names, in the order of the index
   */
  public Set<String> names() {
    return variables.keySet();
  }

  /**
   * Returns the type of a variable's elements.
   *
   * @param name full name
   * @return its type, or empty for strings and other types that cannot be read
   * @throws IllegalArgumentException if there is none of this name
   */
  public Optional<ElementType> type(String name) {
    return variable(name).type();
  }

  /**
   * The sizes of a variable's axes.
   *
   * @param name full name
   * @return its shape, whole where it is partitioned
   * @throws IllegalArgumentException if there is none of this name
   */
  public List<Integer> shape(String name) {
    return variable(name).shape();
  }

  /**
   * Reads a variable and verifies its checksums.
   *
   * @param name full name
   * @return its values, exactly as stored
   * @throws IllegalArgumentException if there is none of this name
   * @throws WeightsFormatException if it is damaged or of a type that cannot be read
   * @throws IOException if a file cannot be read
   */
  public RawTensor tensor(String name) throws IOException {
    return format.read(variable(name));
  }

  /**
   * How many steps training had made.
   *
   * @return the variable {@code global_step}, or empty if there is none
   * @throws IOException if a file cannot be read
   */
  public OptionalLong globalStep() throws IOException {
    StoredVariable step = variables.get("global_step");
    if (step == null || step.type().isEmpty() || !step.shape().isEmpty()) {
      return OptionalLong.empty();
    }
    RawTensor tensor = format.read(step);
    return switch (tensor.type()) {
      case INT64 -> OptionalLong.of(tensor.bytes().getLong());
      case INT32 -> OptionalLong.of(tensor.bytes().getInt());
      default -> OptionalLong.empty();
    };
  }

  private StoredVariable variable(String name) {
    StoredVariable variable = variables.get(name);
    if (variable == null) {
      throw new IllegalArgumentException("no variable '" + name + "' in " + this);
    }
    return variable;
  }

  /** Closes the files. */
  @Override
  public void close() throws IOException {
    format.close();
  }

  /** The prefix and the number of variables. */
  @Override
  public String toString() {
    return "checkpoint " + prefix + " of " + variables.size() + " variables";
  }
}
