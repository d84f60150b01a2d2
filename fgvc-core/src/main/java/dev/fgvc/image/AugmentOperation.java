package dev.fgvc.image;

import java.util.random.RandomGenerator;

/**
 * The operations of {@link RandAugment}, to the last bit those of Pillow 12 as timm 1.0 calls them.
 */
enum AugmentOperation {
  /** Stretches each channel's levels from 0 to 255. */
  AUTO_CONTRAST {
    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      int[] lowest = new int[3];
      int[] highest = new int[3];
      for (int channel = 0; channel < 3; channel++) {
        int[] counts = image.histogram(channel);
        highest[channel] = 255;
        while (counts[lowest[channel]] == 0) {
          lowest[channel]++;
        }
        while (counts[highest[channel]] == 0) {
          highest[channel]--;
        }
      }
      return image.mapped(
          (channel, level) -> {
            if (lowest[channel] == highest[channel]) {
              return level;
            }
            double scale = 255.0 / (highest[channel] - lowest[channel]);
            return Levels.clipped(level * scale + -lowest[channel] * scale);
          });
    }
  },

  /** Makes the distribution of each channel's levels as uniform as it can be. */
  EQUALIZE {
    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      int[][] tables = new int[3][256];
      for (int channel = 0; channel < 3; channel++) {
        int[] counts = image.histogram(channel);
        int last = 255;
        while (counts[last] == 0) {
          last--;
        }
        int step = (image.height() * image.width() - counts[last]) / 255;
        int below = step / 2;
        for (int level = 0; level < 256; level++) {
          tables[channel][level] = step == 0 ? level : Math.min(255, below / step);
          below += counts[level];
        }
      }
      return image.mapped((channel, level) -> tables[channel][level]);
    }
  },

  /** The negative. */
  INVERT {
    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return image.mapped(level -> 255 - level);
    }
  },

  /** Turns by degrees, up to 30 either way. */
  ROTATE {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return signed(magnitude / FULL * 30, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      if (argument == 0) {
        return image; // Pillow copies it, without sampling
      }
      return AffineSampling.rotate(argument, image.height(), image.width()).apply(image, filter);
    }
  },

  /** Keeps the highest bits of each level, 4 down to none. */
  POSTERIZE {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return 4 - (int) (magnitude / FULL * 4);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      int mask = -(1 << 8 - (int) argument);
      return image.mapped(level -> level & mask);
    }
  },

  /** Inverts the levels from a threshold on, 256 down to 0. */
  SOLARIZE {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return 256 - Math.min(256, (int) (magnitude / FULL * 256));
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return image.mapped(level -> level < argument ? level : 255 - level);
    }
  },

  /** Adds up to 110 to the levels below 128. */
  SOLARIZE_ADD {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return Math.min(128, (int) (magnitude / FULL * 110));
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return image.mapped(level -> level < 128 ? Math.min(255, level + (int) argument) : level);
    }
  },

  /** Blends with the grey picture, or away from it. */
  COLOUR {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return enhancement(magnitude, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      Levels grey = image.blank();
      for (int i = 0; i < grey.rgb().length; i++) {
        grey.rgb()[i] = (byte) image.grey(i / 3);
      }
      return blend(grey, image, argument);
    }
  },

  /** Blends with the mean brightness, or away from it. */
  CONTRAST {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return enhancement(magnitude, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      int pixels = image.height() * image.width();
      long sum = 0;
      for (int pixel = 0; pixel < pixels; pixel++) {
        sum += image.grey(pixel);
      }
      int mean = (int) ((double) sum / pixels + 0.5);
      return blend(image.mapped(level -> mean), image, argument);
    }
  },

  /** Blends with black, or away from it. */
  BRIGHTNESS {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return enhancement(magnitude, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return blend(image.blank(), image, argument);
    }
  },

  /** Blends with the smoothed picture, or away from it. */
  SHARPNESS {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return enhancement(magnitude, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return blend(smoothed(image), image, argument);
    }
  },

  /** Shears along rows, up to 0.3 either way. */
  SHEAR_X {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return signed(magnitude / FULL * 0.3, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return AffineSampling.shearX(argument).apply(image, filter);
    }
  },

  /** Shears along columns, up to 0.3 either way. */
  SHEAR_Y {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return signed(magnitude / FULL * 0.3, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return AffineSampling.shearY(argument).apply(image, filter);
    }
  },

  /** Moves left or right, up to 0.45 of the width. */
  TRANSLATE_X {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return signed(magnitude / FULL * 0.45, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return AffineSampling.translateX(argument * image.width()).apply(image, filter);
    }
  },

  /** Moves up or down, up to 0.45 of the height. */
  TRANSLATE_Y {
    @Override
    double argument(double magnitude, RandomGenerator random) {
      return signed(magnitude / FULL * 0.45, random);
    }

    @Override
    Levels apply(Levels image, double argument, ResizeFilter filter) {
      return AffineSampling.translateY(argument * image.height()).apply(image, filter);
    }
  };

  /** The magnitude of the ranges' ends. */
  static final double FULL = 10;

  private static final float[] SMOOTH = {1 / 13f, 5 / 13f};

  /**
   * The argument of {@link #apply} for a magnitude, in timm's increasing form: more of it changes
   * the picture more.
   *
   * @param magnitude at least 0
   * @param random chooses a direction where there are two
   */
  double argument(double magnitude, RandomGenerator random) {
    return 0;
  }

  /**
   * The changed picture.
   *
   * @param filter of operations that move pixels
   */
  abstract Levels apply(Levels image, double argument, ResizeFilter filter);

  private static double signed(double size, RandomGenerator random) {
    return random.nextBoolean() ? -size : size;
  }

  /** A factor around 1, which changes nothing. */
  private static double enhancement(double magnitude, RandomGenerator random) {
    return Math.max(0.1, 1 + signed(magnitude / FULL * 0.9, random));
  }

  private static Levels blend(Levels from, Levels to, double factor) {
    float part = (float) factor;
    Levels result = to.blank();
    for (int i = 0; i < result.rgb().length; i++) {
      result.rgb()[i] = Levels.clipped(from.at(i) + part * (to.at(i) - from.at(i)));
    }
    return result;
  }

  /** A mean over 3x3 pixels that counts the middle five times; the border stays as it is. */
  private static Levels smoothed(Levels image) {
    int stride = 3 * image.width();
    Levels result = new Levels(image.rgb().clone(), image.height(), image.width());
    for (int y = 1; y < image.height() - 1; y++) {
      for (int i = y * stride + 3; i < (y + 1) * stride - 3; i++) {
        float sum = 0.5f;
        sum += weighted(image, i + stride, SMOOTH[0]);
        sum += weighted(image, i, SMOOTH[1]);
        sum += weighted(image, i - stride, SMOOTH[0]);
        result.rgb()[i] = Levels.clipped(sum);
      }
    }
    return result;
  }

  private static float weighted(Levels image, int at, float middle) {
    return image.at(at - 3) * SMOOTH[0] + image.at(at) * middle + image.at(at + 3) * SMOOTH[0];
  }
}
