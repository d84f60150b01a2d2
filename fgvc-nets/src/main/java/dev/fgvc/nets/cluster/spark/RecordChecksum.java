package dev.fgvc.nets.cluster.spark;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import scala.Tuple2;

/**
 * The CRC-32C of records that are read one by one: labels, lengths and contents. It tells whether
 * an RDD gives the same records in the same order when it is read again.
 */
final class RecordChecksum {

  private final CRC32C checksum = new CRC32C();

  void add(Tuple2<Integer, byte[]> record) {
    byte[] encoded = record._2();
    checksum.update(
        ByteBuffer.allocate(2 * Integer.BYTES).putInt(record._1()).putInt(encoded.length).flip());
    checksum.update(encoded);
  }

  long value() {
    return checksum.getValue();
  }
}
