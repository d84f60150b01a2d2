package dev.fgvc.image;

/**
 * The kernel that weights source pixels around a sampling point, as Pillow defines it. When an
 * image is reduced the kernel is stretched by the same factor, so that every source pixel counts
 * (antialiasing); enlarging uses it as it is.
 */
public enum ResizeFilter {
  /** The triangle {@code 1 - |x|} on (-1, 1). */
  BILINEAR(1) {
    @Override
    double at(double x) {
      return Math.max(0, 1 - Math.abs(x));
    }
  },

  /**
   * Keys' cubic convolution kernel on (-2, 2) with a = -0.5 (IEEE Trans. ASSP 29, 1981, equation
   * 15), which Pillow and timm use; OpenCV and PyTorch have a = -0.75 unless they are told to
   * antialias.
   */
  BICUBIC(2) {
    @Override
    double at(double x) {
      double t = Math.abs(x);
      if (t < 1) {
        return ((A + 2) * t - (A + 3)) * t * t + 1;
      }
      return t < 2 ? A * (((t - 5) * t + 8) * t - 4) : 0;
    }
  };

  private static final double A = -0.5;

  private final int radius;

  ResizeFilter(int radius) {
    this.radius = radius;
  }

  /** The kernel is 0 from here on. */
  int radius() {
    return radius;
  }

  /** The kernel's value, in units of target pixels when reducing and of source pixels otherwise. */
  abstract double at(double x);
}
