package dev.fgvc.nets.example;

import dev.fgvc.nets.advisor.Candidate;
import dev.fgvc.nets.advisor.SourceAdvice;
import dev.fgvc.nets.advisor.SourceAdvisor;
import dev.fgvc.nets.backbone.OnnxBackbone;
import dev.fgvc.progress.ConsoleProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells which folder of photos a network should be trained on before another one: {@code
 * WhichSource MODEL.onnx FOLDER TARGET SOURCE...}. Target and sources are folders of class folders;
 * features and the report are kept in {@code FOLDER}, so that a second call, with another source
 * for instance, extracts only what is new. {@code MODEL.json} or timm's {@code config.json} beside
 * the model says how it wants its images.
 */
public final class WhichSource {

  private WhichSource() {}

  /**
   * Runs the advisor, prints its answer and writes {@code FOLDER/report.html}.
   *
   * @param arguments the model, the folder for features, the target and at least one source
   * @throws IOException if the model or photos cannot be read, or the folder not written
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 4) {
      throw new IllegalArgumentException("usage: WhichSource MODEL.onnx FOLDER TARGET SOURCE...");
    }
    List<Path> paths = new ArrayList<>();
    for (String argument : arguments) {
      paths.add(Path.of(argument));
    }
    run(paths.get(0), paths.get(1), paths.get(2), paths.subList(3, paths.size()), System.out);
  }

  static SourceAdvice run(Path model, Path folder, Path target, List<Path> sources, PrintStream out)
      throws IOException {
    List<Candidate> candidates = new ArrayList<>();
    for (Path source : sources) {
      candidates.add(Candidate.folder(source));
    }
    try (OnnxBackbone backbone = OnnxBackbone.open(model)) {
      SourceAdvice advice =
          SourceAdvisor.of(backbone, folder)
              .withProgress(ConsoleProgress.to(out))
              .advise(Candidate.folder(target), candidates);
      out.println();
      out.print(advice.toText());
      out.println("pictures: " + advice.write(folder));
      return advice;
    }
  }
}
