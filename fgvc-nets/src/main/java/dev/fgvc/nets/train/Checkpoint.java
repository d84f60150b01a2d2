package dev.fgvc.nets.train;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Gson;
import dev.fgvc.nets.engine.TrainingState;
import dev.fgvc.nets.weights.TensorFile;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A run at one moment between two updates.
 *
 * @param run what the run is, so that no other goes on from here
 * @param position where it is
 * @param state of the network
 */
record Checkpoint(RunIdentity run, Position position, TrainingState state) {

  private static final String RUN = "run/";
  private static final String POSITION = "position";
  private static final String UPDATES = "updates";
  private static final String BATCHES = "batches";
  private static final String WEIGHTS = "weights/";
  private static final String AVERAGES = "averages/";
  private static final String SLOTS = "slots/";

  /**
   * Where a run is.
   *
   * @param epoch that comes next or goes on
   * @param batch of the loader that comes next in it
   * @param step updates made so far
   * @param updates made in this epoch
   * @param lossSum of these updates; hexadecimal, so that no bit is lost
   * @param losses means of the epochs before, likewise
   * @param stopped whether a listener ended the run
   * @param listeners what each of them keeps
   */
  record Position(
      int epoch,
      int batch,
      long step,
      long updates,
      String lossSum,
      List<String> losses,
      boolean stopped,
      List<String> listeners) {

    Position {
      Double.parseDouble(Objects.requireNonNull(lossSum, "no sum of losses"));
      losses = List.copyOf(losses);
      losses.forEach(Double::parseDouble);
      listeners = List.copyOf(listeners);
    }
  }

  TensorFile toFile() {
    ImmutableMap.Builder<String, WeightTensor> tensors = ImmutableMap.builder();
    put(tensors, WEIGHTS, state.weights());
    state.averages().ifPresent(averages -> put(tensors, AVERAGES, averages));
    state.slots().forEach((slot, values) -> put(tensors, SLOTS + slot + "/", values));
    Map<String, String> texts = new LinkedHashMap<>();
    run.parts().forEach((name, value) -> texts.put(RUN + name, value));
    texts.put(UPDATES, Long.toString(state.updates()));
    texts.put(BATCHES, Long.toString(state.batches()));
    texts.put(POSITION, new Gson().toJson(position));
    return new TensorFile(tensors.build(), texts);
  }

  /**
   * The opposite of {@link #toFile}.
   *
   * @throws IllegalArgumentException if the file is no checkpoint
   */
  static Checkpoint of(TensorFile file) {
    Map<String, String> parts = new LinkedHashMap<>();
    file.texts()
        .forEach(
            (name, text) -> {
              if (name.startsWith(RUN)) {
                parts.put(name.substring(RUN.length()), text);
              }
            });
    if (parts.isEmpty()
        || !file.texts().keySet().containsAll(List.of(POSITION, UPDATES, BATCHES))) {
      throw new IllegalArgumentException("a tensor file, but no checkpoint of a training run");
    }
    Position position;
    try {
      position = new Gson().fromJson(file.texts().get(POSITION), Position.class);
    } catch (RuntimeException e) { // the constructor's own for members that are missing
      throw new IllegalArgumentException("its position is not readable: " + e.getMessage(), e);
    }
    if (position == null) {
      throw new IllegalArgumentException("its position is empty");
    }
    Map<String, Map<String, WeightTensor>> groups = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              int end = name.indexOf('/');
              if (name.startsWith(SLOTS)) {
                end = name.indexOf('/', SLOTS.length());
              }
              groups
                  .computeIfAbsent(name.substring(0, end + 1), group -> new LinkedHashMap<>())
                  .put(name.substring(end + 1), tensor);
            });
    Map<String, Weights> slots = new LinkedHashMap<>();
    groups.forEach(
        (group, tensors) -> {
          if (group.startsWith(SLOTS)) {
            slots.put(group.substring(SLOTS.length(), group.length() - 1), Weights.of(tensors));
          }
        });
    TrainingState state =
        new TrainingState(
            Weights.of(Objects.requireNonNullElse(groups.get(WEIGHTS), Map.of())),
            Optional.ofNullable(groups.get(AVERAGES)).map(Weights::of),
            slots,
            Long.parseLong(file.texts().get(UPDATES)),
            Long.parseLong(file.texts().get(BATCHES)));
    return new Checkpoint(new RunIdentity(parts), position, state);
  }

  private static void put(
      ImmutableMap.Builder<String, WeightTensor> target, String prefix, Weights weights) {
    weights.names().forEach(name -> target.put(prefix + name, weights.tensor(name)));
  }
}
