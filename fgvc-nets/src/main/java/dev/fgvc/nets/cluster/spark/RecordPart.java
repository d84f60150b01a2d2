package dev.fgvc.nets.cluster.spark;

import dev.fgvc.loader.SkippedImage;
import java.io.Serializable;
import java.util.Arrays;

/**
 * The records of a partition, as they were when they were counted.
 *
 * @param first the place of its first usable record among those of all partitions
 * @param usable how many are usable
 * @param checksum of all, see {@link RecordChecksum}
 * @param classes how many have a record
 * @param damaged which of them are not usable, ascending
 */
record RecordPart(long first, long usable, long checksum, int classes, int[] damaged)
    implements Serializable {

  static RecordPart of(long first, CountedRecords counted) {
    int[] damaged = counted.damaged().stream().mapToInt(SkippedImage::position).toArray();
    return new RecordPart(first, counted.usable(), counted.checksum(), counted.classes(), damaged);
  }

  boolean isUsable(int record) {
    return Arrays.binarySearch(damaged, record) < 0;
  }

  /** Where the next partition begins. */
  long end() {
    return first + usable;
  }
}
