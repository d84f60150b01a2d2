package dev.fgvc.nets.engine;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import dev.fgvc.data.ClassHistogram;
import dev.fgvc.loader.Targets;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** The logits, classes and results of losses.json, which make-losses.py writes. */
public final class ReferenceLosses {

  public static final int IMAGES = 6;
  public static final int CLASSES = 5;
  public static final double SMOOTHING = 0.1;

  private static final int[] LABELS = {0, 3, 1, 4, 2, 0};

  /** A loss and its gradient by the logits, image by image. */
  public record Result(double loss, double[] gradient) {}

  private ReferenceLosses() {}

  public static float[] logits() {
    float[] logits = new float[IMAGES * CLASSES];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = i * 7 % 11 / 4f - 1;
    }
    return logits;
  }

  public static Targets plain() {
    return Targets.of(LABELS);
  }

  /** Each image with its partner from the other end, and a share of 0.3. */
  public static Targets mixed() {
    double[] shares = new double[IMAGES];
    Arrays.fill(shares, 0.3);
    return Targets.mixed(LABELS, new int[] {0, 2, 4, 1, 3, 0}, shares);
  }

  public static ClassHistogram counts() {
    return ClassHistogram.of(new int[] {500, 120, 30, 8, 3});
  }

  public static Result of(String name) {
    try (Reader file =
        new InputStreamReader(
            ReferenceLosses.class.getResourceAsStream("losses.json"), StandardCharsets.UTF_8)) {
      Map<String, Result> all =
          new Gson().fromJson(file, new TypeToken<Map<String, Result>>() {}.getType());
      return all.get(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
