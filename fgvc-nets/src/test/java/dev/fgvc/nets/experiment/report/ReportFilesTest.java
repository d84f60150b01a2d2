package dev.fgvc.nets.experiment.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.metric.Interval;
import dev.fgvc.nets.experiment.Choice;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.Measurement;
import dev.fgvc.nets.experiment.ResultTable;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InOtherLocales
class ReportFilesTest {

  private static final Measurement ERROR = new Measurement(List.of(0.1234, 0.1434));

  @TempDir private Path folder;

  private static Report report() {
    return report(ERROR);
  }

  private static Report report(Measurement margin) {
    ResultTable table =
        new ResultTable(
            "table-1",
            "Errors of 1,024 Iris \u0131\u00e7inde",
            "",
            List.of(ResultTable.Column.percent("299"), ResultTable.Column.number("LogME")),
            List.of(
                new ResultTable.Row(
                    "Top-1 (%)",
                    List.of(
                        ResultTable.Cell.of(ERROR).withGain(new Interval(0.015, 0.01, 0.02, 0.95)),
                        ResultTable.Cell.of(new Measurement(List.of(-1234.5)))))));
    Choice choice =
        new Choice("tau", "mean class error", List.of(new Choice.Candidate(0.5, 0.3125)));
    return new Report(
        "INCEPTION",
        Map.of("seeds", "1, 2"),
        List.of(
            new Report.Section(
                "Resolution",
                "Photos of 299 pixels.",
                List.of(table),
                List.of(),
                List.of(choice),
                List.of(Direction.better("less", margin, new Interval(0.1334, 0.05, 0.2, 0.95))))));
  }

  @Test
  void thePageHasPlainDigitsAndPoints() throws IOException {
    String page = Files.readString(ReportFiles.write(report(), folder));

    assertThat(page)
        .contains(
            "13.3 \u00b1 1.4 (+1.5 <span class=\"interval\">[1.0, 2.0]</span>)",
            "-1234.500",
            "0.5 (31.3 %)",
            "+13.3 <span class=\"interval\">[5.0, 20.0]</span>",
            "Iris \u0131\u00e7inde");
  }

  @Test
  void verdictsStandBeforeAllElse() throws IOException {
    String page = Files.readString(ReportFiles.write(report(), folder));

    assertThat(page).contains("1 claim: <span class=\"shown\">1 shown</span>");
    assertThat(page.indexOf("Verdicts"))
        .isBetween(page.indexOf("<h1>"), page.indexOf("What was run"));
    assertThat(page).contains("<svg class=\"margin\"");
  }

  @Test
  void aSingleSeedIsSaidToTellNothingOfHowTrainingScatters() throws IOException {
    String several = Files.readString(ReportFiles.write(report(), folder));
    String single =
        Files.readString(ReportFiles.write(report(new Measurement(List.of(0.1334))), folder));

    assertThat(several).contains("resampling seeds, classes and images", "<th>by seed</th>");
    assertThat(single)
        .contains("resampling classes and images; one seed does not tell how training scatters")
        .doesNotContain("<th>by seed</th>", "class=\"seeds\"");
  }

  @Test
  void aPageHasColoursForTheDarkAndRulesForPaper() throws IOException {
    String page = Files.readString(ReportFiles.write(report(), folder));

    assertThat(page).contains("@media screen and (prefers-color-scheme: dark)", "@media print");
  }

  @Test
  void jsonAndCsvHaveNumbersThatProgramsRead() throws IOException {
    Path page = ReportFiles.write(report(), folder);

    assertThat(Files.readAllLines(page.resolveSibling("report.csv")))
        .contains("\"table-1\",\"Top-1 (%)\",\"\",\"299\",2,0.1434")
        .contains("\"table-1\",\"Top-1 (%)\",\"\",\"LogME\",1,-1234.5");
    JsonObject json =
        JsonParser.parseString(Files.readString(page.resolveSibling("report.json")))
            .getAsJsonObject();
    assertThat(json.toString())
        .contains("\"gain\":{\"estimate\":0.015,\"low\":0.01,\"high\":0.02,\"level\":0.95}")
        .contains("[0.1234,0.1434]", "-1234.5", "Iris \u0131\u00e7inde");
  }
}
