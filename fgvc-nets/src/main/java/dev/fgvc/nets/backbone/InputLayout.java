package dev.fgvc.nets.backbone;

/** The order of the axes of a model's images. */
public enum InputLayout {
  /** Images, channels, rows, columns; PyTorch's order. */
  NCHW,
  /** Images, rows, columns, channels; TensorFlow's order. */
  NHWC
}
