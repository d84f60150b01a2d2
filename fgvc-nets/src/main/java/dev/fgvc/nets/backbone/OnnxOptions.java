package dev.fgvc.nets.backbone;

import dev.fgvc.nets.engine.Device;

/**
 * Where an ONNX model computes and what it may take.
 *
 * @param device that holds the model and computes; a GPU needs the artifact {@code onnxruntime_gpu}
 * @param threads that share each operation on the CPU, at least 1
 * @param imagesPerPass the most images that go through the model at once, at least 1; larger
 *     batches go in parts, so that this bounds the memory of activations
 */
public record OnnxOptions(Device device, int threads, int imagesPerPass) {

  private static final int IMAGES_PER_PASS = 8;

  /** Refuses numbers below 1. */
  public OnnxOptions {
    if (threads < 1 || imagesPerPass < 1) {
      throw new IllegalArgumentException(
          threads + " threads and " + imagesPerPass + " images per pass: both must be at least 1");
    }
  }

  /**
   * The CPU, as many threads as it has cores, {@value #IMAGES_PER_PASS} images at once.
   *
   * @return the options
   */
  public static OnnxOptions defaults() {
    return new OnnxOptions(
        Device.cpu(), Runtime.getRuntime().availableProcessors(), IMAGES_PER_PASS);
  }

  /**
   * The same on a device.
   *
   * @param other where to compute
   * @return new options
   */
  public OnnxOptions withDevice(Device other) {
    return new OnnxOptions(other, threads, imagesPerPass);
  }

  /**
   * The same with a number of threads.
   *
   * @param other at least 1
   * @return new options
   */
  public OnnxOptions withThreads(int other) {
    return new OnnxOptions(device, other, imagesPerPass);
  }

  /**
   * The same with a number of images at once.
   *
   * @param other at least 1
   * @return new options
   */
  public OnnxOptions withImagesPerPass(int other) {
    return new OnnxOptions(device, threads, other);
  }
}
