package dev.fgvc.nets.experiment.report;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.PlanPicture;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.TwelveCrops;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.experiment.BestResult;
import dev.fgvc.nets.experiment.Domains;
import dev.fgvc.nets.experiment.ExperimentCost;
import dev.fgvc.nets.experiment.Laboratory;
import dev.fgvc.nets.experiment.LongTailStudy;
import dev.fgvc.nets.experiment.ResolutionStudy;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.SimilarCategories;
import dev.fgvc.nets.experiment.SourceComparison;
import dev.fgvc.nets.experiment.TrainedNetwork;
import dev.fgvc.nets.experiment.TransferStudy;
import dev.fgvc.nets.experiment.report.Report.Section;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** All of the paper's experiments on one set of data, sharing their networks. */
public final class PaperExperiments {

  private final PaperSettings settings;
  private final PaperDomains data;
  private final Laboratory laboratory;
  private final Resolution high;
  private final Map<String, String> times = new LinkedHashMap<>();

  private PaperExperiments(PaperSettings settings, PaperDomains data, Laboratory laboratory) {
    this.settings = settings;
    this.data = data;
    this.laboratory = laboratory;
    this.high = settings.resolutions().get(settings.resolutions().size() - 1);
  }

  /**
   * Runs everything. Memory is that of the weights of all networks trained.
   *
   * @param title of the report
   * @param settings what to run
   * @param data what to run it on
   * @param engine that computes
   * @param progress hears of every step
   * @return what came of it
   * @throws IOException if a picture cannot be drawn
   */
  public static Report run(
      String title, PaperSettings settings, PaperDomains data, Engine engine, Progress progress)
      throws IOException {
    return run(title, settings, data, Laboratory.of(engine, settings.plan(), progress));
  }

  /**
   * Runs everything in a given laboratory, such as one that keeps its work in a folder and goes on
   * where it ended, or that has several devices.
   *
   * @param title of the report
   * @param settings what to run
   * @param data what to run it on
   * @param laboratory that trains by the settings' plan
   * @return what came of it
   * @throws IOException if a picture cannot be drawn
   * @throws IllegalArgumentException if the laboratory has another plan
   */
  public static Report run(
      String title, PaperSettings settings, PaperDomains data, Laboratory laboratory)
      throws IOException {
    if (!laboratory.plan().equals(settings.plan())) {
      throw new IllegalArgumentException(
          "the laboratory trains by another plan than the settings: make it of their plan");
    }
    return new PaperExperiments(settings, data, laboratory).run(title);
  }

  /**
   * Tells what {@link #run} would compute, before it does. Takes seconds: a rehearsal, and a probe
   * of each network and resolution.
   *
   * @param settings what to run
   * @param data what to run it on
   * @param laboratory whose devices would compute
   * @return all work, also what the laboratory's folder holds already
   * @throws IOException if a picture cannot be drawn
   */
  public static ExperimentCost cost(
      PaperSettings settings, PaperDomains data, Laboratory laboratory) throws IOException {
    Laboratory rehearsal = laboratory.rehearsal();
    run("rehearsal", settings, data, rehearsal);
    return rehearsal.timedCost();
  }

  private interface Experiment {
    Section run() throws IOException;
  }

  private Report run(String title) throws IOException {
    List<Section> sections = new ArrayList<>();
    sections.add(timed("resolution", this::resolution));
    LongTailStudy.Result[] longTail = new LongTailStudy.Result[1];
    sections.add(timed("long tail", () -> longTail(longTail)));
    double rate = longTail[0].choices().get(0).chosen();
    sections.add(timed("best result", () -> bestResult(rate)));
    // The transfer trains the networks of table 6 beside the one that measures similarity.
    Section transfer = timed("transfer", this::transfer);
    sections.add(timed("separate and combined", this::sources));
    sections.add(transfer);
    sections.add(timed("similar categories", this::similarCategories));
    return new Report(
        title, new Circumstances(settings, data, laboratory.cost(), times).facts(), sections);
  }

  private Section timed(String name, Experiment experiment) throws IOException {
    long start = System.nanoTime();
    Section section = experiment.run();
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    times.put(name, time.toSeconds() + " s");
    return section;
  }

  private Section resolution() {
    ResolutionStudy.Result result =
        ResolutionStudy.run(
            laboratory,
            new ResolutionStudy.Settings(
                settings.network(), settings.resolutions(), settings.seeds()),
            data.longTailed());
    ResultTable trainTest = result.trainTest();
    return new Section(
        "Input resolution (table 3)",
        "The same network trained from the same start at several resolutions, for as many steps. "
            + "Each is also evaluated at the resolutions of the others.",
        List.of(result.table3(), trainTest),
        List.of(
            new Report.Drawing(
                "train-test",
                "Top-1 error by resolution of evaluation, one line for each resolution of training",
                Plots.lines(trainTest, "resolution of evaluation", "top-1 error (%)"))),
        List.of(),
        result.directions());
  }

  private Section longTail(LongTailStudy.Result[] kept) {
    LongTailStudy.Result result =
        LongTailStudy.run(
            laboratory,
            new LongTailStudy.Settings(
                settings.networks(),
                high,
                settings.headThreshold(),
                settings.cap(),
                settings.rates(),
                settings.taus(),
                settings.heldOutShare(),
                settings.seeds()),
            data.longTailed());
    kept[0] = result;
    ResultTable figure4 = result.figure4();
    return new Section(
        "Long tail in two stages (figures 2 and 4, table 4)",
        "First stage on all training images, second stage on at most "
            + settings.cap()
            + " images of each class with a small, constant rate. The paper's rate, "
            + Recipe.SECOND_STAGE_RATE
            + ", is among the candidates; rates and strengths were chosen on held-out training"
            + " images.",
        List.of(result.table4(), figure4, result.remedies()),
        List.of(
            new Report.Drawing(
                "figure-2",
                "Figure 2. Images of each category in the first and in the second stage",
                Plots.frequencies(result.trainingCounts(), result.subsetCounts())),
            new Report.Bars(
                "figure-4-plot",
                "Figure 4. Top-5 error before and after the second stage",
                figure4,
                "network",
                "top-5 error (%)")),
        result.choices(),
        result.directions());
  }

  private Section bestResult(double rate) {
    BestResult.Result result =
        BestResult.run(
            laboratory,
            new BestResult.Settings(
                settings.network(),
                settings.better(),
                settings.network(),
                settings.resolutions().get(0),
                high,
                TwelveCrops::of,
                "12-crop",
                rate,
                settings.cap(),
                settings.seeds()),
            data.longTailed());
    return new Section(
        "Step by step to the best result (table 5)",
        "FT is the second stage with the rate chosen above. The ensemble is the mean of the softmax"
            + " of two networks, each on 12 crops.",
        List.of(result.table5()),
        List.of(),
        List.of(),
        result.directions());
  }

  private Section sources() {
    SourceComparison.Result result =
        SourceComparison.run(
            laboratory,
            new SourceComparison.Settings(
                List.of(settings.network()), settings.transferResolution(), settings.seeds()),
            data.domains());
    return new Section(
        "Sources learnt apart and together (table 6)",
        "Every network was trained for as many steps at "
            + settings.transferResolution()
            + ", so one for both sources saw each image less often. It chooses among the classes of both.",
        List.of(result.table6()),
        List.of(),
        List.of(),
        List.of());
  }

  private Section transfer() throws IOException {
    List<DatasetSplits> targets = data.domains().targets();
    Map<String, Integer> subsetA = new LinkedHashMap<>();
    Map<String, Integer> subsetB = new LinkedHashMap<>();
    List<Integer> counts = settings.subsetB();
    for (int t = 0; t < targets.size(); t++) {
      subsetA.put(targets.get(t).name(), settings.subsetA());
      subsetB.put(targets.get(t).name(), counts.get(Math.min(t, counts.size() - 1)));
    }
    TransferStudy.Result result =
        TransferStudy.run(
            laboratory,
            new TransferStudy.Settings(
                settings.network(),
                settings.better(),
                settings.transferResolution(),
                subsetA,
                subsetB,
                settings.seeds()),
            data.domains());
    int factor = settings.plan().extractorFactor();
    return new Section(
        "Transfer learning and domain similarity (table 7, figures 3 and 5)",
        "Subset A takes as many classes for each target, Subset B takes "
            + subsetB.entrySet().stream()
                .map(target -> target.getValue() + " for " + target.getKey())
                .collect(Collectors.joining(", "))
            + ". All sources were trained for as many steps. Similarity is measured with the"
            + " features of "
            + settings.better().label()
            + ", trained on the combined sources for "
            + (factor == 1 ? "" : factor + " times ")
            + "as many steps as the networks compared; the paper's was trained on the far larger "
            + "JFT data set.",
        List.of(
            result.table7(), result.frozenFeatures(), result.figure5(), result.rankCorrelations()),
        List.of(
            new Report.Drawing(
                "figure-3",
                "Figure 3. The flow of the Earth Mover's Distance from the combined sources to "
                    + targets.get(0).name(),
                transportDrawing(targets.get(0))),
            new Report.Drawing(
                "figure-5-plot",
                "Figure 5. Transfer accuracy against domain similarity; whiskers are the "
                    + "intervals of table 7",
                Plots.accuracyAgainstSimilarity(result.pairs()))),
        List.of(),
        result.directions());
  }

  private String transportDrawing(DatasetSplits target) throws IOException {
    Domains domains = data.domains();
    TrainedNetwork network =
        laboratory.extractor(
            settings.better(),
            domains.combined().train(),
            settings.transferResolution(),
            settings.seeds().get(0));
    DomainFeatures source = laboratory.features(network, domains.combined().train());
    DomainFeatures goal = laboratory.features(network, target.train());
    TransportPlan plan = DomainSimilarity.create().between(source, goal).plan();
    return PlanPicture.of(source, goal, plan).svg();
  }

  private Section similarCategories() {
    List<SimilarCategories.TargetRow> rows =
        SimilarCategories.run(
            laboratory,
            new SimilarCategories.Settings(
                settings.better(),
                settings.transferResolution(),
                settings.similarCategories(),
                settings.seeds().get(0)),
            data.domains());
    List<String> sources = data.domains().sources().stream().map(DatasetSplits::name).toList();
    List<Report.PictureRow> pictures = new ArrayList<>();
    for (SimilarCategories.TargetRow row : rows) {
      List<Report.Picture> line = new ArrayList<>();
      line.add(new Report.Picture(row.picture(), "(target)", -1));
      for (SimilarCategories.Category category : row.categories()) {
        line.add(
            new Report.Picture(
                category.picture(), category.name(), sources.indexOf(category.source())));
      }
      pictures.add(new Report.PictureRow(row.target(), line));
    }
    return new Section(
        "Most similar categories (figure 6)",
        "For each target, the categories of the combined sources that are most similar to it, the "
            + "most similar first, each by one of its pictures. Colours tell the sources: "
            + String.join(", ", sources)
            + ".",
        List.of(),
        List.of(
            new Report.Pictures(
                "figure-6", "Figure 6. Most similar categories for each target", pictures)),
        List.of(),
        List.of());
  }
}
