package dev.fgvc.nets.backbone;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Images;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The output of a model that features come from, and how.
 *
 * @param model the model's file
 * @param output its name in the model
 * @param pooling from the output to a feature vector
 * @param dimension of a feature vector
 */
record OnnxFeatures(Path model, String output, Pooling pooling, int dimension) {

  /**
   * Finds the output, its pooling and the dimension, as far as the settings do not tell them.
   *
   * @throws IllegalArgumentException if there is no such output, the pooling does not fit it, or a
   *     choice is left open
   * @throws BackboneFormatException if the output has no floats
   */
  static OnnxFeatures of(
      OnnxSession session, OnnxModelFile file, OnnxSettings settings, OnnxInput input) {
    Path model = file.files().get(0);
    String output = settings.output().orElseGet(() -> onlyOutput(session, model));
    requireOutput(session, model, output);
    long[] shape = session.outputShape(output);
    Pooling pooling = settings.pooling().orElseGet(() -> poolingOf(shape, session, model));
    checkArgument(
        pooling.takes(shape),
        "%s: %s does not fit output '%s' of %s",
        model,
        pooling,
        output,
        session.describedOutputs());
    int known = pooling.dimension(shape);
    int dimension =
        known > 0
            ? known
            : pooling.dimension(shapeOfOneImage(session, model, settings, input, output));
    return new OnnxFeatures(model, output, pooling, dimension);
  }

  private static String onlyOutput(OnnxSession session, Path model) {
    if (session.outputNames().size() != 1) {
      throw new IllegalArgumentException(
          model
              + " has not one output but "
              + session.describedOutputs()
              + ": name one by OnnxSettings.withOutput");
    }
    return session.outputNames().iterator().next();
  }

  /** Refuses an output that is not there or has no floats. */
  static void requireOutput(OnnxSession session, Path model, String name) {
    if (!session.outputNames().contains(name)) {
      throw new IllegalArgumentException(
          lenientFormat(
              "%s has no output '%s'; there are %s", model, name, session.describedOutputs()));
    }
    if (session.outputShape(name).length == 0) {
      throw new BackboneFormatException(
          model, "output '" + name + "' has no floats; there are " + session.describedOutputs());
    }
  }

  private static Pooling poolingOf(long[] shape, OnnxSession session, Path model) {
    return switch (shape.length) {
      case 2 -> Pooling.POOLED;
      case 4 -> Pooling.MAP_MEAN;
      default ->
          throw new IllegalArgumentException(
              model
                  + ": how to pool "
                  + session.describedOutputs()
                  + " is not clear: say OnnxSettings.withPooling, for tokens CLASS_TOKEN or"
                  + " TOKEN_MEAN");
    };
  }

  /** The output's shape where the model leaves the length of features free: computes one image. */
  private static long[] shapeOfOneImage(
      OnnxSession session, Path model, OnnxSettings settings, OnnxInput input, String output) {
    Resolution resolution =
        settings
            .transform()
            .map(BackboneTransform::resolution)
            .or(() -> fixedResolution(input))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        model
                            + " does not tell the length of its features: give its settings a"
                            + " transform, whose resolution is tried"));
    int images = input.batch(1);
    FloatBuffer zeros = Images.allocate(images, resolution);
    return session.run(input.name(), zeros, input.shapeOf(images, resolution), output).shape();
  }

  private static Optional<Resolution> fixedResolution(OnnxInput input) {
    return input.height() > 0 && input.width() > 0
        ? Optional.of(
            new Resolution(Math.toIntExact(input.height()), Math.toIntExact(input.width())))
        : Optional.empty();
  }

  /** Refuses a computed output that does not pool to such features. */
  void require(long[] shape) {
    if (!pooling.takes(shape) || pooling.dimension(shape) != dimension) {
      throw new BackboneFormatException(
          model,
          String.format(
              Locale.ROOT,
              "output '%s' has shape %s where %s of %d features was expected",
              output,
              Arrays.toString(shape),
              pooling,
              dimension));
    }
  }
}
