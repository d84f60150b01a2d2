package dev.fgvc.nets.experiment;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.TwoStage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Table 8: a network that starts from a selected source and is fine-tuned plainly, beside networks
 * with bilinear heads that start from the usual source. The paper cites published results for the
 * others; here all are trained alike, from the same pre-trained networks.
 */
public final class HeadStudy {

  private HeadStudy() {}

  /**
   * The networks and recipes to compare.
   *
   * @param network pre-trained on each source and fine-tuned plainly, as the laboratory's plan says
   * @param heads the same network with other heads, see {@link NetworkChoice#withHead}
   * @param lastLayer the first stage of a network with another head: only the head is trained,
   *     whatever scopes the recipe names; {@link Recipe#bilinearLastLayer} in the literature
   * @param allLayers the second stage; {@link Recipe#bilinearFineTuning} in the literature
   * @param resolution of all crops; 448 in the paper
   * @param seeds of weights and batches
   */
  public record Settings(
      NetworkChoice network,
      List<NetworkChoice> heads,
      Recipe lastLayer,
      Recipe allLayers,
      Resolution resolution,
      List<Long> seeds) {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a head is on another network
     */
    public Settings {
      heads = List.copyOf(heads);
      seeds = List.copyOf(seeds);
      for (NetworkChoice head : heads) {
        if (!head.architecture().equals(network.architecture())
            || head.widthMultiplier() != network.widthMultiplier()) {
          throw new IllegalArgumentException(
              lenientFormat(
                  "%s is %s, but %s is %s: heads are compared on one network",
                  head.label(), head.description(), network.label(), network.description()));
        }
      }
    }

    private List<NetworkChoice> all() {
      List<NetworkChoice> all = new ArrayList<>(List.of(network));
      all.addAll(heads);
      return all;
    }
  }

  /**
   * One way of learning the targets.
   *
   * @param source the data set that the network was pre-trained on
   * @param network with its head
   * @param errors for each target, those of each seed
   */
  public record Method(String source, NetworkChoice network, List<List<Errors>> errors) {

    /** Copies the lists. */
    public Method {
      errors = errors.stream().map(List::copyOf).toList();
    }

    private String label() {
      return network.label() + " from " + source;
    }
  }

  /**
   * The measured errors.
   *
   * @param targets their names
   * @param methods those from the usual source, then those from the selected one, the plain network
   *     first
   */
  public record Result(List<String> targets, List<Method> methods) {

    /** Copies the lists. */
    public Result {
      targets = List.copyOf(targets);
      methods = List.copyOf(methods);
    }

    /**
     * Accuracies in the form of table 8.
     *
     * @return methods as rows, targets as columns
     */
    public ResultTable table8() {
      return new ResultTable(
          "table-8",
          "Table 8. Comparison with bilinear heads, top-1 accuracy (%)",
          "Method",
          targets.stream().map(Column::percent).toList(),
          methods.stream()
              .map(
                  method ->
                      new Row(
                          method.label(),
                          method.errors().stream().map(ErrorIntervals::accuracy).toList()))
              .toList());
    }

    /**
     * The paper's claim for each head.
     *
     * @return whether plain fine-tuning from the selected source does better than the head does
     *     from the usual one
     */
    public List<Direction> directions() {
      int networks = methods.size() / 2;
      Method selected = methods.get(networks);
      return methods.subList(1, networks).stream()
          .map(
              head ->
                  new PairedTransfers(head.errors(), selected.errors())
                      .leads(selected.label() + " does better than " + head.label(), 0))
          .toList();
    }
  }

  /**
   * Runs the study. Time: one pre-training for each source and seed, as far as the laboratory has
   * not done them yet, and for each source, head, target and seed a fine-tuning, of two stages
   * except for the plain network.
   *
   * @param laboratory trains and remembers
   * @param settings what to compare
   * @param usual the source that everybody starts from; ImageNet in the paper
   * @param selected the source that was selected for the targets; Subset B in the paper
   * @param targets to learn
   * @return what was measured
   * @throws IllegalArgumentException if there is no target
   */
  public static Result run(
      Laboratory laboratory,
      Settings settings,
      Dataset usual,
      Dataset selected,
      List<DatasetSplits> targets) {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("no targets: at least one is needed");
    }
    List<Dataset> sources = List.of(usual, selected);
    laboratory.sideBySide(
        "pre-training for the comparison of heads",
        each(sources, settings, (source, seed) -> preTrained(laboratory, settings, source, seed)));
    List<Supplier<Errors>> tasks = new ArrayList<>();
    for (Dataset source : sources) {
      for (NetworkChoice network : settings.all()) {
        tasks.addAll(
            each(
                targets,
                settings,
                (target, seed) -> {
                  TrainedNetwork from = preTrained(laboratory, settings, source, seed);
                  TrainedNetwork learnt =
                      network.equals(settings.network())
                          ? laboratory.fineTune(from, target.train(), seed)
                          : twoStages(laboratory, settings, from, network, target.train(), seed);
                  return laboratory.errors(learnt, target.validation());
                }));
      }
    }
    Iterator<Errors> errors = laboratory.sideBySide("comparison of heads", tasks).iterator();
    List<Method> methods = new ArrayList<>();
    for (Dataset source : sources) {
      for (NetworkChoice network : settings.all()) {
        List<List<Errors>> byTarget =
            targets.stream()
                .map(target -> settings.seeds().stream().map(seed -> errors.next()).toList())
                .toList();
        methods.add(new Method(source.name(), network, byTarget));
      }
    }
    return new Result(targets.stream().map(DatasetSplits::name).toList(), methods);
  }

  private interface SeededTask<S, T> {
    T run(S subject, long seed);
  }

  private static <S, T> List<Supplier<T>> each(
      List<S> subjects, Settings settings, SeededTask<S, T> task) {
    return subjects.stream()
        .flatMap(
            subject ->
                settings.seeds().stream().map(seed -> (Supplier<T>) () -> task.run(subject, seed)))
        .toList();
  }

  private static TrainedNetwork preTrained(
      Laboratory laboratory, Settings settings, Dataset source, long seed) {
    return laboratory.preTrain(settings.network(), source, settings.resolution(), seed);
  }

  private static TrainedNetwork twoStages(
      Laboratory laboratory,
      Settings settings,
      TrainedNetwork from,
      NetworkChoice network,
      Dataset target,
      long seed) {
    TrainedNetwork fresh = laboratory.withFreshHead(from, network, target.classCount(), seed);
    Recipe first = settings.lastLayer();
    long secondSeed = TwoStage.secondSeed(seed);
    String task = network.label() + " on " + target.name();
    TrainedNetwork headTrained =
        laboratory.train(
            task + ", last layer",
            fresh,
            first.withOptions(
                first.options().toBuilder().trainableScopes(fresh.graph().headScopes()).build()),
            target,
            natural(seed),
            seed);
    return laboratory.train(
        task + ", all layers",
        headTrained,
        TwoStage.secondRecipe(settings.allLayers()),
        target,
        natural(secondSeed),
        secondSeed);
  }

  private static Function<Dataset, Sampler> natural(long seed) {
    return images -> Sampler.natural(images, seed);
  }
}
