package dev.fgvc.nets.engine.nd4j;

/** Kernels in TensorFlow's order, [area, in, out], and as matrices [out, in * area]. */
final class KernelOrder {

  private KernelOrder() {}

  static float[] toMatrix(float[] kernel, int area, int inputs, int outputs) {
    float[] matrix = new float[kernel.length];
    int k = 0;
    for (int cell = 0; cell < area; cell++) {
      for (int i = 0; i < inputs; i++) {
        for (int o = 0; o < outputs; o++) {
          matrix[(o * inputs + i) * area + cell] = kernel[k++];
        }
      }
    }
    return matrix;
  }

  static float[] fromMatrix(float[] matrix, int area, int inputs, int outputs) {
    float[] kernel = new float[matrix.length];
    int k = 0;
    for (int cell = 0; cell < area; cell++) {
      for (int i = 0; i < inputs; i++) {
        for (int o = 0; o < outputs; o++) {
          kernel[k++] = matrix[(o * inputs + i) * area + cell];
        }
      }
    }
    return kernel;
  }
}
