package dev.fgvc.nets.engine.nd4j;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Owns arrays outside the Java heap and closes them, at the latest with itself. One thread. */
final class ArrayScope implements AutoCloseable {

  private final Set<INDArray> owned = Collections.newSetFromMap(new IdentityHashMap<>());

  /** A new row-major array whose values are whatever the memory held. */
  INDArray empty(long... shape) {
    return own(Nd4j.createUninitialized(DataType.FLOAT, shape, 'c'));
  }

  INDArray zeros(long... shape) {
    INDArray array = empty(shape);
    array.assign(0);
    return array;
  }

  /** A new row-major array of given values. */
  INDArray of(float[] values, long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return own(Nd4j.create(values, shape, strides, 'c', DataType.FLOAT));
  }

  INDArray copy(INDArray array) {
    INDArray copy = empty(array.shape());
    copy.assign(array);
    return copy;
  }

  /** Takes an array over. */
  INDArray own(INDArray array) {
    owned.add(array);
    return array;
  }

  /** Closes one array now. */
  void release(INDArray array) {
    if (owned.remove(array)) {
      array.close();
    }
  }

  /** The values of a row-major array. */
  static float[] values(INDArray array) {
    float[] values = new float[Math.toIntExact(array.length())];
    array.data().asNioFloat().get(values);
    return values;
  }

  @Override
  public void close() {
    owned.forEach(INDArray::close);
    owned.clear();
  }
}
