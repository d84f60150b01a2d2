package dev.fgvc.data;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Which images of a data set cannot be used, and why.
 *
 * @param dataset what was looked at
 * @param findings the unusable images, in the order of the data set
 */
public record VerificationReport(Dataset dataset, List<Finding> findings) {

  /** Keeps a copy of the findings. */
  public VerificationReport {
    findings = List.copyOf(findings);
  }

  /**
   * One unusable image.
   *
   * @param position where it stands in the data set
   * @param path its file
   * @param reason what is wrong with it
   */
  public record Finding(int position, Path path, String reason) {

    /** Such as {@code a/b.jpg: empty file}. */
    @Override
    public String toString() {
      return path + ": " + reason;
    }
  }

  /** An empty reason means that nothing is wrong. */
  static VerificationReport of(Dataset dataset, String[] reasons) {
    return new VerificationReport(
        dataset,
        IntStream.range(0, reasons.length)
            .filter(i -> !reasons[i].isEmpty())
            .mapToObj(i -> new Finding(i, dataset.path(i), reasons[i]))
            .toList());
  }

  /**
   * Whether every image can be used.
   *
   * @return true if there are no findings
   */
  public boolean isClean() {
    return findings.isEmpty();
  }

  /**
   * The data set without the images that were found unusable; to be chosen knowingly, as a measured
   * error is then that of a smaller set.
   *
   * @return a view on the others
   */
  public Dataset withoutFindings() {
    BitSet kept = new BitSet(dataset.size());
    kept.set(0, dataset.size());
    findings.forEach(finding -> kept.clear(finding.position()));
    return dataset.selectImages(dataset.name(), kept.stream().toArray());
  }

  /** A line for each finding below one that counts them. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "%s: %d unusable", dataset, findings.size()));
    findings.forEach(finding -> text.append(System.lineSeparator()).append(finding));
    return text.toString();
  }
}
