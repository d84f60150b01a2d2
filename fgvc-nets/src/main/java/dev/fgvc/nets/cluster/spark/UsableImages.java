package dev.fgvc.nets.cluster.spark;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.VerificationReport;
import dev.fgvc.loader.SkippedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;

/**
 * Finds the images that an extraction computes features of: all but the damaged ones where these
 * may be left out, which it then reports; otherwise all, of which the first damaged one ends the
 * extraction.
 */
record UsableImages(ExtractionSettings settings) {

  /** The usable images of a data set, by a job that looks at each file. */
  Dataset of(DatasetPartitions partitions) {
    Dataset dataset = partitions.dataset();
    if (!settings.damaged.mayBeSkipped()) {
      return dataset;
    }
    String task = "verify " + dataset.name();
    List<SkippedImage> findings = new ArrayList<>();
    long[] done = {0};
    SparkJob.run(
        task,
        settings.context,
        partitions.rdd(settings.context),
        new VerificationTask(settings.transform),
        (partition, result) -> {
          Outcome outcome = Outcome.fromBytes(result);
          findings.addAll(outcome.findings());
          done[0] += outcome.images();
          settings.progress.report(task, done[0], dataset.size(), "");
        });
    findings.sort(Comparator.comparingInt(SkippedImage::position));
    report(findings);
    return findings.isEmpty() ? dataset : without(dataset, findings);
  }

  private static Dataset without(Dataset dataset, List<SkippedImage> damaged) {
    List<VerificationReport.Finding> findings =
        damaged.stream()
            .map(
                image ->
                    new VerificationReport.Finding(image.position(), image.path(), image.reason()))
            .toList();
    return new VerificationReport(dataset, findings).withoutFindings();
  }

  /**
   * The usable records of each partition, by a job that counts them.
   *
   * @throws IllegalStateException if there is no image
   */
  RecordPart[] records(String domain, RDD<Tuple2<Integer, byte[]>> records) {
    CountedRecords[] counted = new CountedRecords[records.getNumPartitions()];
    SparkJob.run(
        "counting records of " + domain,
        settings.context,
        records,
        new RecordTask.Count(settings.transform, settings.damaged.mayBeSkipped()),
        (partition, result) -> counted[partition] = CountedRecords.fromBytes(result));
    List<SkippedImage> findings = new ArrayList<>();
    RecordPart[] parts = new RecordPart[counted.length];
    long before = 0;
    long first = 0;
    for (int partition = 0; partition < counted.length; partition++) {
      for (SkippedImage finding : counted[partition].damaged()) {
        int position = Math.toIntExact(before + finding.position());
        findings.add(new SkippedImage(position, finding.path(), finding.reason()));
      }
      before += counted[partition].count();
      parts[partition] = RecordPart.of(first, counted[partition]);
      first = parts[partition].end();
    }
    report(findings);
    if (first == 0) {
      throw new IllegalStateException("domain " + domain + " has no images");
    }
    return parts;
  }

  private void report(List<SkippedImage> findings) {
    settings.damaged.requireNoMore(findings);
    if (!findings.isEmpty()) {
      settings.skipped.accept(List.copyOf(findings));
    }
  }
}
