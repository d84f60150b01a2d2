package dev.fgvc.nets.advisor;

import dev.fgvc.emd.DistanceScale;
import dev.fgvc.nets.experiment.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The answer to which source is most similar to a target, and which of its classes.
 *
 * @param target name of the target
 * @param targetClasses how many it has
 * @param targetImages how many it has
 * @param backbone what the features come from, in a few words
 * @param scale of the distances between the candidates and the target
 * @param gamma that turns distances into similarities: the one that the scale suggests, or the
 *     paper's where all distances are 0
 * @param level the share of resampled values inside an interval
 * @param sources the candidates, the most similar first
 * @param selection the classes of all of them to train on
 */
public record SourceAdvice(
    String target,
    int targetClasses,
    double targetImages,
    String backbone,
    DistanceScale scale,
    double gamma,
    double level,
    List<ComparedSource> sources,
    ClassSelection selection) {

  /** Copies the list. */
  public SourceAdvice {
    sources = List.copyOf(sources);
  }

  /**
   * The answer in a sentence or two: the most similar source, the sources that may be as similar
   * for all that the images tell, and the classes to train on.
   *
   * @return the answer
   */
  public String answer() {
    return AdviceText.answer(this);
  }

  /**
   * The answer in some lines of plain text.
   *
   * @return the answer, a table of the candidates and the chosen classes
   */
  public String toText() {
    return AdviceText.of(this);
  }

  /**
   * Writes {@code report.html} with example pictures, which needs no other file, and the numbers as
   * {@code report.json} and {@code report.csv}.
   *
   * @param folder where; made if it is not there
   * @return the HTML file
   * @throws IOException if an example cannot be read or a file cannot be written
   */
  public Path write(Path folder) throws IOException {
    return ReportFiles.write(AdviceReport.of(this), folder);
  }
}
