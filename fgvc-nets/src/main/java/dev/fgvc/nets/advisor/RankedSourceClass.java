package dev.fgvc.nets.advisor;

import java.nio.file.Path;
import java.util.List;

/**
 * A class of a candidate and how close it comes to the target all by itself.
 *
 * @param source name of the candidate
 * @param index of the class in it
 * @param name of the class
 * @param images how many it has
 * @param emd Earth Mover's Distance of the class alone to the target
 * @param similarity that belongs to the distance at the advice's gamma
 * @param examples some of its images; empty for kept features
 */
public record RankedSourceClass(
    String source,
    int index,
    String name,
    double images,
    double emd,
    double similarity,
    List<Path> examples) {

  /** Copies the list. */
  public RankedSourceClass {
    examples = List.copyOf(examples);
  }
}
