package dev.fgvc.emd.internal.cost;

import java.lang.ref.SoftReference;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Lines of the first rows of a matrix, once they were computed. They may go when memory runs short.
 * Used by several threads at once.
 *
 * <p>Many lines share an array, so long that the collector leaves it where it is: it takes more
 * time to copy lines one by one than to read them.
 */
final class KeptLines {

  /** The values of an array at most: with its header a little below 8 MiB. */
  private static final int CHUNK_VALUES = (1 << 21) - 64;

  private final int rows;
  private final int width;
  private final int rowsPerChunk;
  private final AtomicReferenceArray<SoftReference<Chunk>> chunks;

  /** Lines of some rows, and which of them are known. */
  record Chunk(float[] values, AtomicIntegerArray known) {}

  KeptLines(int rows, int width) {
    this.rows = rows;
    this.width = width;
    rowsPerChunk = Math.max(1, Math.min(rows, CHUNK_VALUES / width));
    chunks = new AtomicReferenceArray<>((rows + rowsPerChunk - 1) / rowsPerChunk);
  }

  /** The number of rows that have a place. */
  int rows() {
    return rows;
  }

  /** The array that has a place for the line of a row. */
  Chunk chunk(int row) {
    int place = row / rowsPerChunk;
    while (true) {
      SoftReference<Chunk> known = chunks.get(place);
      Chunk chunk = known == null ? null : known.get();
      if (chunk != null) {
        return chunk;
      }
      int count = Math.min(rowsPerChunk, rows - place * rowsPerChunk);
      Chunk fresh = new Chunk(new float[count * width], new AtomicIntegerArray(count));
      if (chunks.compareAndSet(place, known, new SoftReference<>(fresh))) {
        return fresh;
      }
    }
  }

  /** The place of a row in its array. */
  Line line(Chunk chunk, int row) {
    return new Line(chunk.values, row % rowsPerChunk * width);
  }

  boolean isKnown(Chunk chunk, int row) {
    return chunk.known.getAcquire(row % rowsPerChunk) != 0;
  }

  /** Tells that the line of a row has been written. */
  void setKnown(Chunk chunk, int row) {
    chunk.known.setRelease(row % rowsPerChunk, 1);
  }
}
