package dev.fgvc.nets.arch;

/** How a sliding window treats the border, in TensorFlow's terms. */
public enum Padding {

  /** No padding: the window stays inside; output side = floor((side - kernel) / stride) + 1. */
  VALID {
    @Override
    int before(int side, int kernel, int stride) {
      return 0;
    }

    @Override
    int total(int side, int kernel, int stride) {
      return 0;
    }
  },

  /**
   * Output side = ceil(side / stride). An odd number of padded cells puts the extra one after, so
   * at stride 2 the padding is asymmetric and depends on the input's size.
   */
  SAME {
    @Override
    int before(int side, int kernel, int stride) {
      return total(side, kernel, stride) / 2;
    }

    @Override
    int total(int side, int kernel, int stride) {
      int output = (side + stride - 1) / stride;
      return Math.max((output - 1) * stride + kernel - side, 0);
    }
  },

  /**
   * kernel - 1 cells whatever the size, (kernel - 1) / 2 of them before: {@code conv2d_same} of the
   * authors' {@code resnet_utils.py}, which makes strided ResNets independent of the input's
   * parity.
   */
  FIXED {
    @Override
    int before(int side, int kernel, int stride) {
      return (kernel - 1) / 2;
    }

    @Override
    int total(int side, int kernel, int stride) {
      return kernel - 1;
    }
  };

  /** Cells added in front of one axis. */
  abstract int before(int side, int kernel, int stride);

  /** Cells added to one axis in all. */
  abstract int total(int side, int kernel, int stride);
}
