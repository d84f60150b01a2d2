package dev.fgvc.nets.example;

import com.google.common.base.Splitter;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.Laboratory;
import dev.fgvc.nets.experiment.report.PaperDomains;
import dev.fgvc.nets.experiment.report.PaperExperiments;
import dev.fgvc.nets.experiment.report.PaperSettings;
import dev.fgvc.nets.experiment.report.Report;
import dev.fgvc.nets.experiment.report.ReportFiles;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * The paper's experiments from end to end: on a synthetic field guide, or with {@code
 * -Dfgvc.photos=DIR,DIR[,DIR...]} on folders of photos (the long-tailed one first), from random
 * weights or with {@code -Dfgvc.weights=FILE.safetensors} from given ones. Prints the tables and
 * writes {@code report.html}, {@code report.json} and {@code report.csv} to {@code
 * -Dfgvc.report=DIR}. With {@code -Dfgvc.bfloat16=true} networks are trained in bfloat16; {@code
 * -Dfgvc.devices=cuda:0,cuda:1} computes on GPUs. All work is kept in {@code unfinished} below the
 * report's folder until the run has ended, so that one that was stopped goes on when it is started
 * again; {@code -Dfgvc.folder=DIR} keeps it there for good. {@code -Dfgvc.cost=true} tells what a
 * run would compute, and ends. On the field guide it fails if a claim of the paper is {@linkplain
 * dev.fgvc.nets.experiment.Direction.Verdict#CONTRADICTED contradicted}.
 */
public final class PaperRun {

  /** Rates were set on guides with other seeds. */
  private static final long GUIDE_SEED = 7;

  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(10);

  private PaperRun() {}

  /**
   * Runs with the settings of the system properties.
   *
   * @param arguments none
   * @throws IOException if photos or weights cannot be read or the report cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    List<Direction> failed = run(System.getProperties(), System.out);
    if (!failed.isEmpty()) {
      System.out.println("contradicted: " + failed);
      System.exit(1);
    }
  }

  /** Runs and returns the contradicted claims of the field guide. */
  static List<Direction> run(Properties properties, PrintStream out) throws IOException {
    long start = System.nanoTime();
    boolean tellsCost = QuickstartSettings.flag(properties, "fgvc.cost");
    List<Path> photos = QuickstartSettings.paths(properties, "fgvc.photos");
    String weights = properties.getProperty("fgvc.weights", "").trim();
    if (photos.isEmpty() && !weights.isEmpty()) {
      throw new IllegalArgumentException(
          "-Dfgvc.weights=" + weights + " goes with -Dfgvc.photos=DIR,DIR[,DIR...]");
    }
    PaperSettings settings =
        photos.isEmpty()
            ? PaperSettings.fieldGuide()
            : weights.isEmpty()
                ? PaperSettings.photos()
                : PaperSettings.photos(Weights.read(Path.of(weights)));
    String seeds = properties.getProperty("fgvc.seeds", "").trim();
    if (!seeds.isEmpty()) {
      settings =
          settings.withSeeds(
              Splitter.on(',').trimResults().splitToStream(seeds).map(Long::valueOf).toList());
    }
    if (QuickstartSettings.flag(properties, "fgvc.bfloat16")) {
      settings = settings.withBfloat16();
    }
    Path folder = Path.of(properties.getProperty("fgvc.report", "target/paper"));
    Progress progress = ConsoleProgress.to(out).withInterval(PROGRESS_INTERVAL);
    KeptWork work = KeptWork.of(properties, folder);
    Laboratory laboratory = laboratory(settings, properties, progress).withFolder(work.folder());
    Path guide = Files.createTempDirectory("fgvc-field-guide");
    try {
      PaperDomains domains =
          photos.isEmpty()
              ? PaperDomains.fieldGuide(guide.resolve("guide"), GUIDE_SEED, progress)
              : PaperDomains.photos(photos);
      if (tellsCost) {
        out.println(PaperExperiments.cost(settings, domains, laboratory));
        return List.of();
      }
      work.begin(out);
      String title =
          "The paper's experiments on " + (photos.isEmpty() ? "a synthetic field guide" : "photos");
      Report report = PaperExperiments.run(title, settings, domains, laboratory);
      ReportFiles.write(report, folder);
      work.end();
      print(report, out);
      out.printf(
          Locale.ROOT,
          "%s%ndone in %.0f s%n",
          folder.resolve("report.html").toAbsolutePath(),
          (System.nanoTime() - start) / 1e9);
      return photos.isEmpty()
          ? report.directions().stream()
              .filter(each -> each.verdict() == Direction.Verdict.CONTRADICTED)
              .toList()
          : List.of();
    } finally {
      MoreFiles.deleteRecursively(guide, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static Laboratory laboratory(
      PaperSettings settings, Properties properties, Progress progress) {
    Laboratory laboratory = Laboratory.of(Engine.best(), settings.plan(), progress);
    String devices = properties.getProperty("fgvc.devices", "").trim();
    if (!devices.isEmpty()) {
      laboratory =
          laboratory.withDevices(
              Splitter.on(',')
                  .trimResults()
                  .splitToStream(devices)
                  .map(Device::named)
                  .toArray(Device[]::new));
    }
    return laboratory;
  }

  private static void print(Report report, PrintStream out) {
    report.circumstances().forEach((name, value) -> out.println(name + ": " + value));
    for (Report.Section section : report.sections()) {
      out.printf(Locale.ROOT, "%n%s%n", section.heading());
      section.tables().forEach(table -> out.printf(Locale.ROOT, "%n%s%n", table));
      section.choices().forEach(choice -> out.println(choice.name() + ": " + choice.chosen()));
      section.directions().forEach(out::println);
    }
  }
}
