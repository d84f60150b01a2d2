package dev.fgvc.nets.weights;

import java.nio.FloatBuffer;

/** The values of a tensor, in memory or in a file; they never change. */
interface TensorValues {

  /** How many there are. */
  int size();

  /** A read-only view, row-major. */
  FloatBuffer view();

  /** Copies them to a buffer, from its position on, row-major. */
  void copyTo(FloatBuffer target);

  /** Copies them likewise with the last axis, of a given length, first. */
  void copyLastAxisFirst(int length, FloatBuffer target);
}
