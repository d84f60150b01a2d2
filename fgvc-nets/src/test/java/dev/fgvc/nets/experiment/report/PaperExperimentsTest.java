package dev.fgvc.nets.experiment.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.experiment.Laboratory;
import dev.fgvc.nets.experiment.NetworkChoice;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.nets.experiment.TrainingPlan;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All experiments with networks that learn next to nothing, for what tables and files hold. */
class PaperExperimentsTest {

  @TempDir private static Path folder;

  private static Report report;
  private static Path html;
  private static Set<String> tasks;

  @BeforeAll
  static void runEverythingOnce() throws IOException {
    tasks = new HashSet<>();
    PaperDomains domains = SmallDomains.draw(folder.resolve("guide"));
    report =
        PaperExperiments.run(
            "A test <of> \"reports\"",
            settings(),
            domains,
            Engine.torch(),
            (task, done, total, note) -> {
              tasks.add(task);
              tasks.add(note);
            });
    html = ReportFiles.write(report, folder.resolve("report"));
  }

  @Test
  void oneNetworkFromGivenWeightsIsEnough(@TempDir Path other) throws IOException {
    NetworkChoice network = new NetworkChoice("narrow", Architecture.RESNET_V2_50, 0.05);
    Weights start =
        Weights.initialize(
            Architecture.RESNET_V2_50.builder().classes(7).widthMultiplier(0.05).build(), 5);

    Report alone =
        PaperExperiments.run(
            "One network",
            settings(network, network, Optional.of(start), List.of(1L)),
            SmallDomains.draw(other),
            Engine.torch(),
            Progress.none());

    List<ResultTable> tables =
        alone.sections().stream().flatMap(section -> section.tables().stream()).toList();
    assertThat(tables).extracting(ResultTable::id).contains("table-5", "table-7", "figure-5");
    assertThat(tables.get(5).rows())
        .extracting(ResultTable.Row::label)
        .containsExactly(
            "narrow 16",
            "narrow 24",
            "narrow 24 FT",
            "narrow 24 FT 12-crop",
            "Ensemble with narrow");
    assertThat(tables)
        .flatMap(ResultTable::rows)
        .flatMap(ResultTable.Row::cells)
        .allMatch(cell -> cell.value().orElseThrow().values().size() == 1);
  }

  @Test
  void theCostIsKnownBeforehand(@TempDir Path other) throws IOException {
    PaperSettings settings = settings();
    PaperDomains domains = SmallDomains.draw(other);
    Laboratory laboratory = Laboratory.of(Engine.torch(), settings.plan(), Progress.none());

    String cost = PaperExperiments.cost(settings, domains, laboratory).toString();

    // The classes that a rehearsal selects are made up, and so are the images of the subsets.
    assertThat(trainings(cost)).isEqualTo(trainings(report.circumstances().get("computed")));
    assertThat(cost).contains(" multiply-adds, about ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperExperiments.run("", PaperSettings.photos(), domains, laboratory))
        .withMessageContaining("another plan");
  }

  private static String trainings(String cost) {
    return cost.substring(0, cost.indexOf(" on "));
  }

  private static PaperSettings settings() {
    return settings(
        new NetworkChoice("narrow", Architecture.RESNET_V2_50, 0.05),
        new NetworkChoice("wide", Architecture.RESNET_V2_50, 0.1),
        Optional.empty(),
        List.of(1L, 2L));
  }

  private static PaperSettings settings(
      NetworkChoice network, NetworkChoice better, Optional<Weights> start, List<Long> seeds) {
    Recipe recipe = new Recipe(1, 8, LearningRate.constant(1e-3), TrainingOptions.paper());
    TrainingPlan.Builder plan =
        TrainingPlan.builder(recipe, recipe, recipe)
            .extractorFactor(2)
            .batchNormDecay(0.8)
            .auxiliaryHead(false)
            .smallestCrop(0.7);
    start.ifPresent(plan::start);
    return PaperSettings.builder(
            plan.build(), network, List.of(Resolution.square(16), Resolution.square(24)))
        .better(better)
        .headThreshold(6)
        .cap(4)
        .rates(List.of(1e-4, 1e-3))
        .taus(List.of(0.5, 1.0))
        .heldOutShare(0.3)
        .subsetA(2)
        .subsetB(List.of(2, 1))
        .similarCategories(3)
        .seeds(seeds)
        .build();
  }

  @Test
  void hasEveryTableOfThePaper() {
    assertThat(tables())
        .extracting(ResultTable::id)
        .containsExactly(
            "table-3",
            "train-test-resolution",
            "table-4",
            "figure-4",
            "long-tail-remedies",
            "table-5",
            "table-6",
            "table-7",
            "table-7-frozen",
            "figure-5",
            "rank-correlation");
  }

  @Test
  void tablesHaveThePapersLayout() {
    assertThat(table("table-3").columns())
        .extracting(ResultTable.Column::name)
        .containsExactly("narrow 16", "narrow 24");
    assertThat(table("table-3").rows())
        .extracting(ResultTable.Row::label)
        .containsExactly("Top-1 (%)", "Top-5 (%)");
    assertThat(table("table-4").columns())
        .extracting(ResultTable.Column::group)
        .containsExactly("Before FT", "Before FT", "After FT", "After FT");
    assertThat(table("table-5").rows())
        .extracting(ResultTable.Row::label)
        .containsExactly(
            "narrow 16",
            "narrow 24",
            "narrow 24 FT",
            "wide 24 FT",
            "wide 24 FT 12-crop",
            "Ensemble with narrow");
    assertThat(table("table-6").columns()).hasSize(8);
    assertThat(table("table-7").rows())
        .hasSize(5)
        .extracting(ResultTable.Row::label)
        .startsWith("animals", "plants", "animals + plants");
    assertThat(table("table-7").rows().get(3).label()).startsWith("Subset A (");
    assertThat(table("table-7").rows().get(4).label()).startsWith("Subset B (");
    assertThat(table("figure-5").rows()).hasSize(10);
  }

  @Test
  void everyCellHasAValueForEachSeedButForDomainsThatAreComparedOnce() {
    for (ResultTable table : tables()) {
      for (ResultTable.Row row : table.rows()) {
        for (int c = 0; c < table.columns().size(); c++) {
          String column = table.columns().get(c).name();
          boolean once = column.equals("EMD") || column.equals("similarity");
          assertThat(row.cells().get(c).value().orElseThrow().values())
              .as(table.id() + " " + column)
              .hasSize(once ? 1 : 2);
        }
      }
    }
  }

  @Test
  void everyErrorHasAnInterval() {
    for (ResultTable table : tables()) {
      for (ResultTable.Row row : table.rows()) {
        for (int c = 0; c < table.columns().size(); c++) {
          if (table.columns().get(c).unit() == ResultTable.Unit.PERCENT) {
            assertThat(row.cells().get(c).interval())
                .as(table.id() + " " + row.label())
                .isPresent();
          }
        }
      }
    }
  }

  @Test
  void everyPlotHasLabelledAxes() throws IOException {
    for (String plot : List.of("train-test", "figure-2", "figure-4-plot", "figure-5-plot")) {
      assertThat(Files.readString(html.resolveSibling(plot + ".svg")))
          .as(plot)
          .containsPattern("class=\"x-label\"[^>]*>[^<]+<")
          .containsPattern("class=\"y-label\"[^>]*>[^<]+<");
    }
  }

  @Test
  void sameExperimentGivesTheSameNumberInTwoTables() {
    assertThat(table("table-5").rows().get(0).cells().get(0).value())
        .isEqualTo(table("table-3").rows().get(0).cells().get(0).value());
    assertThat(table("long-tail-remedies").rows().get(0).cells().get(0).value())
        .isEqualTo(table("table-3").rows().get(0).cells().get(1).value());
  }

  @Test
  void choosesOnHeldOutImagesOnly() {
    assertThat(report.sections().get(1).choices()).hasSize(4);
    assertThat(tasks).contains("evaluating on held-out part of animals");
    assertThat(report.sections().get(1).choices().get(0).criterion())
        .contains("30 % of each class's training images");
  }

  @Test
  void thePageNeedsNothingElse() throws IOException {
    String page = Files.readString(html);

    assertThat(page).contains("A test &lt;of&gt; &quot;reports&quot;").doesNotContain("<script");
    Matcher sources = Pattern.compile("(?:src|href)=\"([^\"]{0,40})").matcher(page);
    int pictures = 0;
    while (sources.find()) {
      assertThat(sources.group(1)).startsWith("data:");
      pictures++;
    }
    // Four categories' rows of figure 6, and five drawings.
    assertThat(pictures).isEqualTo(1 + 5 + 2 * (1 + 3));
    for (ResultTable table : tables()) {
      assertThat(page).contains("<table id=\"" + table.id() + "\"");
    }
  }

  @Test
  void jsonAndCsvHoldTheSameNumbers() throws IOException {
    JsonObject json =
        JsonParser.parseString(Files.readString(html.resolveSibling("report.json")))
            .getAsJsonObject();
    List<String> csv = Files.readAllLines(html.resolveSibling("report.csv"));

    int values = 0;
    for (JsonElement section : json.getAsJsonArray("sections")) {
      for (JsonElement table : section.getAsJsonObject().getAsJsonArray("tables")) {
        for (JsonElement row : table.getAsJsonObject().getAsJsonArray("rows")) {
          for (JsonElement cell : row.getAsJsonObject().getAsJsonArray("cells")) {
            values += cell.getAsJsonObject().getAsJsonArray("values").size();
          }
        }
      }
    }
    assertThat(csv).hasSize(1 + values);
    double first =
        table("table-3").rows().get(0).cells().get(0).value().orElseThrow().values().get(0);
    assertThat(csv.get(1)).isEqualTo("\"table-3\",\"Top-1 (%)\",\"\",\"narrow 16\",1," + first);
  }

  @Test
  void aBrowserShowsEveryPictureAndHasNothingToComplainAbout() throws Exception {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no Chromium or Chrome on the path: the page is not looked at");
    // The page itself has no script; this copy says how its pictures fared.
    Path copy = folder.resolve("copy.html");
    String script =
        "<script>addEventListener('load', () => { const all = [...document.images];"
            + " document.title = all.length + ' pictures, missing '"
            + " + all.filter(i => !i.complete || i.naturalWidth === 0).length; })</script></body>";
    Files.writeString(copy, Files.readString(html).replace("</body>", script));
    Path log = folder.resolve("browser.log");
    Process process =
        new ProcessBuilder(
                browser.get().toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + folder.resolve("profile"),
                "--enable-logging=stderr",
                "--virtual-time-budget=10000",
                "--dump-dom",
                copy.toUri().toString())
            .redirectError(log.toFile())
            .start();
    String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();

    assertThat(dom).contains("<title>13 pictures, missing 0</title>");
    assertThat(Files.readAllLines(log)).noneMatch(line -> line.contains("CONSOLE"));
  }

  private static Optional<Path> browser() {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      for (String name : List.of("chromium", "chromium-browser", "google-chrome", "chrome")) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  private static List<ResultTable> tables() {
    return report.sections().stream().flatMap(section -> section.tables().stream()).toList();
  }

  private static ResultTable table(String id) {
    return tables().stream().filter(table -> table.id().equals(id)).findFirst().orElseThrow();
  }
}
