package dev.fgvc.nets.cluster.spark;

import dev.fgvc.feature.ClassMeans;
import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.loader.SkippedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of a task.
 *
 * @param images how many it has gone through
 * @param means of their features
 * @param findings the images that cannot be used, at their places in the data set; 0 for records,
 *     which have their place in their name. A task that computes ends at the first one: thrown as
 *     an exception, it would be tried again, and damage does not go away
 */
record Outcome(long images, ClassMeans means, List<SkippedImage> findings) {

  private static final String KIND = "task outcome";

  /**
   * Returns the most bytes that class sums take: two doubles for each dimension of each class.
   *
   * @param classes of all tasks, each counted in each task that has an image of it
   */
  static long mostBytes(int dimension, long classes) {
    return 2L * Double.BYTES * dimension * classes;
  }

  byte[] toBytes() {
    BinaryWriter writer = new BinaryWriter(KIND, 1);
    writer.putLong(images);
    writer.putBytes(means.toBytes());
    writer.putInt(findings.size());
    for (SkippedImage finding : findings) {
      writer.putInt(finding.position());
      writer.putText(finding.path().toString());
      writer.putText(finding.reason());
    }
    return writer.toBytes();
  }

  static Outcome fromBytes(byte[] bytes) {
    BinaryReader reader = new BinaryReader(bytes, KIND, 1, "a task's result");
    long images = reader.longInteger();
    ClassMeans means = ClassMeans.fromBytes(reader.bytes());
    int count = reader.count(3 * Integer.BYTES);
    List<SkippedImage> findings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      findings.add(new SkippedImage(reader.integer(), Path.of(reader.text()), reader.text()));
    }
    reader.requireEnd();
    return new Outcome(images, means, findings);
  }
}
