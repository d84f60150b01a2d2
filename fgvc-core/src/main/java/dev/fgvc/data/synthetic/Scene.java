package dev.fgvc.data.synthetic;

import dev.fgvc.random.SplitMix64;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;

/**
 * One picture: a background, one individual in some pose, something in front of it now and then,
 * and the light of the moment. All of it comes from one seed; nothing of it tells the species.
 */
final class Scene {

  private static final int[][] GROUNDS = {
    // sky, meadow, forest, soil, stone, water, dusk: upper and lower colour
    {0xA9C8E8, 0xDDE6EA},
    {0xB9CE8F, 0x5F7F3A},
    {0x3C5236, 0x20301E},
    {0xA58A66, 0x6B5238},
    {0xB5B2AA, 0x7C7A76},
    {0x7FB0B8, 0x2F5F6E},
    {0xE0B590, 0x6A5A72}
  };

  /** The ground without variation, as of a book's plate. */
  private static final Color PAPER = new Color(0xD8D2C4);

  private final RandomGenerator random;
  private final Brush brush;
  private final double variation;

  private Scene(RandomGenerator random, Brush brush, double variation) {
    this.random = random;
    this.brush = brush;
    this.variation = variation;
  }

  /**
   * Draws a picture.
   *
   * @param variation how much pictures of a species differ, from 0 to 1
   */
  static BufferedImage draw(Species species, int pixels, double variation, long seed) {
    RandomGenerator random = new SplitMix64(seed);
    BufferedImage image = new BufferedImage(pixels, pixels, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      // From here on the frame is the square from -1 to 1, y downwards.
      graphics.scale(pixels / 2.0, pixels / 2.0);
      graphics.translate(1, 1);
      Scene scene = new Scene(random, new Brush(graphics), variation);
      scene.background();
      scene.individual(species);
      scene.foreground();
    } finally {
      graphics.dispose();
    }
    Light.shine(image, random, (float) variation);
    return image;
  }

  private void background() {
    int[] ground = GROUNDS[random.nextInt(GROUNDS.length)];
    Color upper = Brush.mix(PAPER, varied(new Color(ground[0])), variation);
    Color lower = Brush.mix(PAPER, varied(new Color(ground[1])), variation);
    int bands = 12;
    for (int i = 0; i < bands; i++) {
      double y = -1 + 2.0 * i / bands;
      brush.fill(
          Brush.polygon(-1, y, 1, y, 1, y + 0.2, -1, y + 0.2),
          Brush.mix(upper, lower, (double) i / (bands - 1)));
    }
    int things = (int) Math.round(variation * (4 + random.nextInt(9)));
    for (int i = 0; i < things; i++) {
      clutter(Brush.mix(upper, lower, random.nextDouble()));
    }
  }

  private void clutter(Color near) {
    Color colour = Brush.clear(varied(Brush.shade(near, between(0.6, 1.4))), between(0.4, 0.95));
    double x = between(-1.1, 1.1);
    double y = between(-1.1, 1.1);
    switch (random.nextInt(4)) {
      case 0 -> brush.ellipse(x, y, between(0.05, 0.5), between(0.05, 0.4), colour);
      case 1 -> brush.line(between(0.02, 0.09), colour, x, 1.1, x + between(-0.5, 0.5), y);
      case 2 ->
          brush.bow(between(0.02, 0.12), colour, -1.1, y, x, between(-1, 1), 1.1, between(-1, 1));
      default -> leaf(x, y, between(0.1, 0.4), colour);
    }
  }

  private void leaf(double x, double y, double size, Color colour) {
    brush.at(
        x,
        y,
        between(0, 2 * Math.PI),
        size,
        size * between(0.3, 0.7),
        () ->
            brush.fill(
                Brush.blob(-1, 0, -0.3, -0.5, 0.4, -0.4, 1, 0, 0.4, 0.4, -0.3, 0.5), colour));
  }

  private void individual(Species species) {
    Family family = species.family();
    double size = between(towards(0.9, 0.56), 0.9);
    double slack = towards(0, 0.98 - size * 0.9);
    double x = between(-slack, slack);
    double y = between(-slack, slack);
    double tilt = towards(0, Math.toRadians(family.tiltDegrees()) * between(-1, 1));
    double mirror = random.nextBoolean() ? 1 : -1;
    // Seen a little from the side or from above, the longer axes shrink.
    double narrow = between(towards(1, 0.82), towards(1, 1.06));
    brush.at(
        x,
        y,
        tilt,
        mirror * size * narrow,
        size / Math.sqrt(narrow),
        () ->
            family
                .painter()
                .paint(brush, new Traits(species.genusSeed(), species.member()), random));
  }

  /** Blades and leaves that reach in from the edge and hide a part. */
  private void foreground() {
    if (random.nextInt(5) < 3) {
      return;
    }
    int things = (int) Math.round(variation * (1 + random.nextInt(3)));
    for (int i = 0; i < things; i++) {
      Color colour = varied(new Color(random.nextBoolean() ? 0x4F6B35 : 0x6E5A3C));
      double x = between(-0.9, 0.9);
      if (random.nextBoolean()) {
        brush.bow(between(0.03, 0.09), colour, x, 1.1, x + between(-0.2, 0.2), 0.3, x, -0.4);
      } else {
        leaf(x, between(-0.8, 0.8), between(0.12, 0.3), colour);
      }
    }
  }

  private Color varied(Color colour) {
    return new Color(
        level(colour.getRed() + 26 * between(-1, 1)),
        level(colour.getGreen() + 26 * between(-1, 1)),
        level(colour.getBlue() + 26 * between(-1, 1)));
  }

  /** Returns a value between the one without variation and the one with all of it. */
  private double towards(double without, double with) {
    return without * (1 - variation) + with * variation;
  }

  private double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  private static int level(double value) {
    return (int) Math.max(0, Math.min(255, value));
  }
}
