package dev.fgvc.feature;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The note in a folder of shards that tells what its features are made of, one thing a line. */
final class FeatureOrigin {

  private static final String FILE = "origin.txt";

  private final Path folder;
  private final Path note;

  FeatureOrigin(Path folder) {
    this.folder = folder;
    this.note = folder.resolve(FILE);
  }

  /** Notes the origin of shards to come. */
  void write(Map<String, String> parts) throws IOException {
    List<String> lines = parts.entrySet().stream().map(FeatureOrigin::line).sorted().toList();
    WholeFile.deletePartial(note);
    WholeFile.write(note, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Refuses shards of another origin, or of one that was not noted. */
  void require(Map<String, String> parts) throws IOException {
    if (!Files.exists(note)) {
      throw new IllegalArgumentException(
          lenientFormat(
              "%s holds features, but no %s that tells what they are made of, as earlier versions"
                  + " wrote none: choose an empty folder",
              folder, FILE));
    }
    List<String> lines = parts.entrySet().stream().map(FeatureOrigin::line).toList();
    List<String> noted = Files.readAllLines(note);
    List<String> other = noted.stream().filter(line -> !lines.contains(line)).toList();
    List<String> missing =
        parts.entrySet().stream()
            .filter(part -> !noted.contains(line(part)))
            .map(part -> part.getKey() + " other than " + part.getValue())
            .toList();
    if (!other.isEmpty() || !missing.isEmpty()) {
      throw new IllegalArgumentException(
          lenientFormat(
              "%s holds features of %s, namely %s: choose an empty folder",
              folder,
              missing.isEmpty() ? "another origin" : String.join(" and of ", missing),
              String.join(", ", other)));
    }
  }

  private static String line(Map.Entry<String, String> part) {
    String line = part.getKey() + ": " + part.getValue();
    if (line.lines().count() != 1) {
      throw new IllegalArgumentException("the origin of features must be one line: " + line);
    }
    return line;
  }
}
