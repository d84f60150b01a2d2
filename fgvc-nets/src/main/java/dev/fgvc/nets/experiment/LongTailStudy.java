package dev.fgvc.nets.experiment;

import dev.fgvc.data.ClassHistogram;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.experiment.ResultTable.Cell;
import dev.fgvc.nets.experiment.ResultTable.Column;
import dev.fgvc.nets.experiment.ResultTable.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/**
 * Table 4 and figures 2 and 4: training on the natural, long-tailed images, then a second stage on
 * a more balanced subset with a small rate. Beside it stand remedies that came later: classifier
 * re-training, tau-normalisation and logit adjustment.
 *
 * <p>Rates and strengths are chosen on a held-out part of the training images, by a network that
 * has not seen it; the validation part is only measured with.
 */
public final class LongTailStudy {

  private LongTailStudy() {}

  /**
   * The networks and remedies to compare, and the hyper-parameters to choose from.
   *
   * @param networks trained once for each seed; hyper-parameters are chosen with the first
   * @param resolution of all crops
   * @param headThreshold training images from which a class belongs to the head; {@link
   *     ClassHistogram#HEAD_THRESHOLD} in the paper
   * @param cap training images of a class in the more balanced subset at most
   * @param rates learning rates to choose from for the second stage and for classifier re-training;
   *     {@link dev.fgvc.nets.train.Recipe#SECOND_STAGE_RATE} in the paper
   * @param taus strengths to choose from for tau-normalisation and for logit adjustment
   * @param heldOutShare of each class's training images to choose with
   * @param seeds of weights and batches
   */
  public record Settings(
      List<NetworkChoice> networks,
      Resolution resolution,
      int headThreshold,
      int cap,
      List<Double> rates,
      List<Double> taus,
      double heldOutShare,
      List<Long> seeds) {

    /** Copies the lists. */
    public Settings {
      networks = List.copyOf(networks);
      rates = List.copyOf(rates);
      taus = List.copyOf(taus);
      seeds = List.copyOf(seeds);
    }

    /** Returns the strengths to choose from for a remedy. */
    List<Double> strengths(Remedy remedy) {
      return remedy.trains() ? rates : taus;
    }

    /** All remedies for the first network; for the others the paper's alone. */
    List<Remedy> remedies(NetworkChoice network) {
      return network.equals(networks.get(0))
          ? List.of(Remedy.values())
          : List.of(Remedy.NONE, Remedy.SECOND_STAGE);
    }
  }

  /** The remedies for the tail. */
  public enum Remedy {
    /** The first stage alone. */
    NONE("before FT"),
    /** The paper's: all layers, more balanced images, a small rate. */
    SECOND_STAGE("second stage (the paper's)"),
    /** A fresh last layer on balanced batches, all else frozen. */
    CLASSIFIER_RETRAINING("classifier re-training"),
    /** Weights of the last layer divided by a power of their norm. */
    TAU_NORMALISATION("tau-normalisation"),
    /** Scores less a multiple of the logarithm of the class's share. */
    LOGIT_ADJUSTMENT("logit adjustment");

    private final String label;

    Remedy(String label) {
      this.label = label;
    }

    boolean trains() {
      return this == SECOND_STAGE || this == CLASSIFIER_RETRAINING;
    }

    /**
     * How tables call it.
     *
     * @return a few words
     */
    public String label() {
      return label;
    }
  }

  /**
   * The measured errors, and the choices behind them.
   *
   * @param settings that were followed
   * @param trainingCounts training images of each class
   * @param subsetCounts images of each class in the more balanced subset
   * @param choices hyper-parameters, chosen on the held-out part
   * @param errors for each network and remedy, one for each seed
   */
  public record Result(
      Settings settings,
      List<Integer> trainingCounts,
      List<Integer> subsetCounts,
      List<Choice> choices,
      Map<NetworkChoice, Map<Remedy, List<Errors>>> errors) {

    /**
     * Head and tail before and after the second stage, for the last of the networks, in the form of
     * table 4.
     *
     * @return two rows, four columns
     */
    public ResultTable table4() {
      NetworkChoice network = settings.networks().get(settings.networks().size() - 1);
      return new ResultTable(
          "table-4",
          "Table 4. Top-1 and top-5 error rates (%) of head and tail for "
              + network.label()
              + " "
              + ResolutionStudy.side(settings.resolution()),
          "",
          List.of(
              Column.percent("Before FT", "Top-1"),
              Column.percent("Before FT", "Top-5"),
              Column.percent("After FT", "Top-1"),
              Column.percent("After FT", "Top-5")),
          List.of(
              row(network, "Head: >= " + settings.headThreshold() + " imgs", true),
              row(network, "Tail: < " + settings.headThreshold() + " imgs", false)));
    }

    private Row row(NetworkChoice network, String label, boolean head) {
      return new Row(
          label,
          List.of(
              part(network, Remedy.NONE, head, 1),
              part(network, Remedy.NONE, head, 5),
              part(network, Remedy.SECOND_STAGE, head, 1),
              part(network, Remedy.SECOND_STAGE, head, 5)));
    }

    /**
     * Top-5 error before and after the second stage, what figure 4 draws.
     *
     * @return a row for each network
     */
    public ResultTable figure4() {
      return new ResultTable(
          "figure-4",
          "Figure 4. Top-5 error rate before and after fine-tuning on a more balanced subset",
          "Network",
          List.of(Column.percent("before FT"), Column.percent("after FT")),
          settings.networks().stream()
              .map(
                  network ->
                      new Row(
                          network.label() + " " + ResolutionStudy.side(settings.resolution()),
                          List.of(
                              Cell.error(runs(network, Remedy.NONE), 5),
                              Cell.error(runs(network, Remedy.SECOND_STAGE), 5))))
              .toList());
    }

    /**
     * All remedies for the first of the networks.
     *
     * @return a row for each remedy
     */
    public ResultTable remedies() {
      NetworkChoice network = settings.networks().get(0);
      List<Row> rows = new ArrayList<>();
      for (Remedy remedy : Remedy.values()) {
        List<Errors> runs = runs(network, remedy);
        rows.add(
            new Row(
                remedy.label(),
                List.of(
                    Cell.error(runs, 1),
                    part(network, remedy, true, 1),
                    part(network, remedy, false, 1),
                    Cell.error(runs, 5),
                    part(network, remedy, true, 5),
                    part(network, remedy, false, 5))));
      }
      return new ResultTable(
          "long-tail-remedies",
          "Remedies for the long tail, error rates (%) of " + network.label(),
          "",
          List.of(
              Column.percent("Top-1", "all"),
              Column.percent("Top-1", "head"),
              Column.percent("Top-1", "tail"),
              Column.percent("Top-5", "all"),
              Column.percent("Top-5", "head"),
              Column.percent("Top-5", "tail")),
          rows);
    }

    /**
     * The paper's claims.
     *
     * @return for the last network, whether the second stage lowers the tail's error, and by more
     *     than the head's
     */
    public List<Direction> directions() {
      NetworkChoice network = settings.networks().get(settings.networks().size() - 1);
      PairedErrors secondStage =
          new PairedErrors(runs(network, Remedy.NONE), runs(network, Remedy.SECOND_STAGE));
      IntPredicate tail = tail();
      return List.of(
          secondStage.lowersFor("the balanced second stage lowers the tail's top-1 error", tail),
          secondStage.lowersMoreFor(
              "the balanced second stage lowers the tail's error by more than the head's", tail));
    }

    /**
     * Top-1 error over all images.
     *
     * @param network one of the settings'
     * @param remedy what was done about the tail
     * @return the error
     */
    public Measurement top1(NetworkChoice network, Remedy remedy) {
      return Measurement.of(runs(network, remedy), e -> e.top1().error());
    }

    private Cell part(NetworkChoice network, Remedy remedy, boolean head, int k) {
      return ErrorIntervals.error(runs(network, remedy), k, head ? tail().negate() : tail());
    }

    private IntPredicate tail() {
      return label -> trainingCounts.get(label) < settings.headThreshold();
    }

    private List<Errors> runs(NetworkChoice network, Remedy remedy) {
      List<Errors> runs = errors.get(network).get(remedy);
      if (runs == null) {
        throw new IllegalArgumentException(
            "remedy '" + remedy.label() + "' was not tried on " + network.label());
      }
      return runs;
    }
  }

  /**
   * Runs the study. Time: one training and one second stage for each network and seed; for the
   * choices, the same for the first network, its second stage and classifier re-training once for
   * each rate; for the first network, one classifier re-training for each seed.
   *
   * @param laboratory trains and remembers
   * @param settings what to compare
   * @param splits a long-tailed training part; a validation part with some images of every class
   * @return what was measured
   */
  public static Result run(Laboratory laboratory, Settings settings, DatasetSplits splits) {
    Dataset train = splits.train();
    TailRemedies remedies = new TailRemedies(laboratory, settings);
    List<DatasetSplits> heldOut =
        settings.seeds().stream()
            .map(seed -> HeldOut.of(train, settings.heldOutShare(), seed))
            .toList();
    remedies.firstStages(train, heldOut);
    List<Choice> choices = remedies.choose(heldOut);
    List<Supplier<Errors>> treatments = new ArrayList<>();
    for (NetworkChoice network : settings.networks()) {
      for (Remedy remedy : settings.remedies(network)) {
        double strength = remedy == Remedy.NONE ? 0 : choices.get(remedy.ordinal() - 1).chosen();
        for (long seed : settings.seeds()) {
          treatments.add(
              () -> {
                TrainedNetwork base = remedies.firstStage(network, train, seed);
                TrainedNetwork treated = remedies.treat(base, remedy, strength, train, seed);
                return laboratory.errors(treated, splits.validation());
              });
        }
      }
    }
    Iterator<Errors> measured =
        laboratory.sideBySide("second stages and other remedies", treatments).iterator();
    Map<NetworkChoice, Map<Remedy, List<Errors>>> errors = new LinkedHashMap<>();
    for (NetworkChoice network : settings.networks()) {
      Map<Remedy, List<Errors>> byRemedy = new LinkedHashMap<>();
      for (Remedy remedy : settings.remedies(network)) {
        byRemedy.put(remedy, settings.seeds().stream().map(seed -> measured.next()).toList());
      }
      errors.put(network, byRemedy);
    }
    int[] counts = train.imageCounts();
    return new Result(
        settings,
        Arrays.stream(counts).boxed().toList(),
        Arrays.stream(counts).map(n -> Math.min(n, settings.cap())).boxed().toList(),
        choices,
        errors);
  }
}
