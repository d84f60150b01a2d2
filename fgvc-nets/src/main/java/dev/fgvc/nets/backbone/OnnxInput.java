package dev.fgvc.nets.backbone;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.ImageBatch;
import dev.fgvc.nets.engine.Images;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The input of a model and how a batch becomes it.
 *
 * @param name in the model
 * @param layout order of the axes
 * @param shape of the four axes, -1 where a length is free
 */
record OnnxInput(String name, InputLayout layout, long[] shape) {

  /**
   * Finds the input.
   *
   * @throws IllegalArgumentException if there is none of the name, or there are several and none
   *     was named
   * @throws BackboneFormatException if it does not take images of three channels as floats
   */
  static OnnxInput of(OnnxSession session, OnnxModelFile model, OnnxSettings settings) {
    String name =
        settings
            .input()
            .orElseGet(
                () -> {
                  if (session.inputNames().size() == 1) {
                    return session.inputNames().iterator().next();
                  }
                  throw new IllegalArgumentException(
                      model.files().get(0)
                          + " has not one input but "
                          + session.describedInputs()
                          + ": name one by OnnxSettings.withInput");
                });
    checkArgument(
        session.inputNames().contains(name),
        "%s has no input '%s'; there are %s",
        model.files().get(0),
        name,
        session.describedInputs());
    if (session.inputNames().size() > 1) {
      throw new BackboneFormatException(
          model.files().get(0),
          "expected a model of images alone, found the inputs " + session.describedInputs());
    }
    long[] shape = session.inputShape(name);
    InputLayout layout = settings.layout().orElse(layout(shape));
    if (shape.length != 4 || !takes(shape[channelAxis(layout)], 3)) {
      throw new BackboneFormatException(
          model.files().get(0),
          lenientFormat(
              "expected an input of floats with four axes, three channels at axis %s (%s), found"
                  + " %s",
              channelAxis(layout), layout, session.describedInputs()));
    }
    return new OnnxInput(name, layout, shape);
  }

  private static InputLayout layout(long[] shape) {
    return shape.length == 4 && shape[3] == 3 && shape[1] != 3
        ? InputLayout.NHWC
        : InputLayout.NCHW;
  }

  private static int channelAxis(InputLayout layout) {
    return layout == InputLayout.NCHW ? 1 : 3;
  }

  /** The number of images of a pass if the model fixes it, or else the most that are wanted. */
  int batch(int wanted) {
    return shape[0] > 0 ? Math.toIntExact(shape[0]) : wanted;
  }

  boolean hasFixedBatch() {
    return shape[0] > 0;
  }

  /** Whether the model takes images of this size, as far as its shape tells. */
  boolean takes(Resolution resolution) {
    return takes(height(), resolution.height()) && takes(width(), resolution.width());
  }

  private static boolean takes(long length, int side) {
    return length < 0 || length == side;
  }

  long height() {
    return shape[layout == InputLayout.NCHW ? 2 : 1];
  }

  long width() {
    return shape[layout == InputLayout.NCHW ? 3 : 2];
  }

  long[] shapeOf(int images, Resolution resolution) {
    return layout == InputLayout.NCHW
        ? new long[] {images, 3, resolution.height(), resolution.width()}
        : new long[] {images, resolution.height(), resolution.width(), 3};
  }

  /**
   * A batch in the model's layout, in place where it lies so already.
   *
   * @param levels what becomes of each byte of each channel
   * @param images at least as many as the batch has; the rest is 0
   */
  FloatBuffer values(ImageBatch batch, float[][] levels, int images) {
    if (batch instanceof Images floats
        && layout == InputLayout.NCHW
        && floats.pixels().isDirect()
        && floats.pixels().order() == ByteOrder.nativeOrder()
        && batch.count() == images) {
      return floats.pixels();
    }
    int cells = batch.resolution().pixels();
    FloatBuffer values = Images.allocate(images, batch.resolution());
    float[] image = new float[3 * cells];
    for (int i = 0; i < batch.count(); i++) {
      if (batch instanceof ByteImages bytes) {
        fill(bytes.pixels(), 3 * cells * i, levels, image);
      } else {
        fill(((Images) batch).pixels(), 3 * cells * i, image);
      }
      values.put(image);
    }
    return values.clear();
  }

  private void fill(FloatBuffer planes, int from, float[] image) {
    int cells = image.length / 3;
    if (layout == InputLayout.NCHW) {
      planes.get(from, image);
      return;
    }
    float[] plane = new float[cells];
    for (int channel = 0; channel < 3; channel++) {
      planes.get(from + channel * cells, plane);
      for (int cell = 0; cell < cells; cell++) {
        image[3 * cell + channel] = plane[cell];
      }
    }
  }

  private void fill(ByteBuffer pixels, int from, float[][] levels, float[] image) {
    byte[] bytes = new byte[image.length];
    pixels.get(from, bytes);
    int cells = image.length / 3;
    boolean planar = layout == InputLayout.NCHW;
    for (int channel = 0; channel < 3; channel++) {
      float[] level = levels[channel];
      for (int cell = 0; cell < cells; cell++) {
        float value = level[bytes[3 * cell + channel] & 0xff];
        image[planar ? channel * cells + cell : 3 * cell + channel] = value;
      }
    }
  }

  /** The name and the lengths of the axes. */
  @Override
  public String toString() {
    return "'" + name + "' " + layout + " " + Arrays.toString(shape);
  }
}
