package dev.fgvc.nets.cluster.spark;

import dev.fgvc.emd.ImageDomain;
import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import java.nio.FloatBuffer;
import org.ejml.data.FMatrixRMaj;

/** Domains with their images, as executors are given them. */
final class ImageDomainBytes {

  private static final String KIND = "image domain";

  private ImageDomainBytes() {}

  static byte[] of(ImageDomain domain) {
    FMatrixRMaj features = domain.features();
    BinaryWriter writer = new BinaryWriter(KIND, 1);
    writer.putText(domain.name());
    writer.putInt(features.numRows);
    writer.putInt(features.numCols);
    for (int label : domain.labels()) {
      writer.putInt(label);
    }
    writer.putFloats(FloatBuffer.wrap(features.data, 0, features.getNumElements()));
    return writer.toBytes();
  }

  static ImageDomain read(byte[] bytes) {
    BinaryReader reader = new BinaryReader(bytes, KIND, 1, "a broadcast domain");
    String name = reader.text();
    int images = reader.count(Integer.BYTES);
    int dimension = reader.integer();
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = reader.integer();
    }
    float[] features = reader.floats((long) images * dimension);
    reader.requireEnd();
    return new ImageDomain(name, FMatrixRMaj.wrap(images, dimension, features), labels);
  }
}
