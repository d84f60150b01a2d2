package dev.fgvc.nets.cluster.spark;

import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.loader.SkippedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The findings of a task that counts the records of a partition.
 *
 * @param count of all records
 * @param checksum of all records, in their order; see {@link RecordChecksum}
 * @param classes how many have a record
 * @param damaged the records that cannot be used, at their places in the partition; none where
 *     nobody has looked
 */
record CountedRecords(int count, long checksum, int classes, List<SkippedImage> damaged) {

  private static final String KIND = "counted records";

  int usable() {
    return count - damaged.size();
  }

  byte[] toBytes() {
    BinaryWriter writer = new BinaryWriter(KIND, 1);
    writer.putInt(count);
    writer.putLong(checksum);
    writer.putInt(classes);
    writer.putInt(damaged.size());
    for (SkippedImage image : damaged) {
      writer.putInt(image.position());
      writer.putText(image.path().toString());
      writer.putText(image.reason());
    }
    return writer.toBytes();
  }

  static CountedRecords fromBytes(byte[] bytes) {
    BinaryReader reader = new BinaryReader(bytes, KIND, 1, "a task's count");
    int count = reader.integer();
    long checksum = reader.longInteger();
    int classes = reader.integer();
    int size = reader.count(3 * Integer.BYTES);
    List<SkippedImage> damaged = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      damaged.add(new SkippedImage(reader.integer(), Path.of(reader.text()), reader.text()));
    }
    reader.requireEnd();
    return new CountedRecords(count, checksum, classes, damaged);
  }
}
