package dev.fgvc.nets.backbone;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** ONNX files of a few nodes, written field by field (onnx.proto3). */
final class OnnxModels {

  private static final int FLOAT = 1;
  private static final int EXTERNAL = 1;

  private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
  private int irVersion = 8;
  private int opset = 17;

  /** A model whose features are the means of each channel of images with these axes. */
  static OnnxModels channelMeans(Object... axes) {
    OnnxModels model = new OnnxModels();
    model.node("GlobalAveragePool", "pixels", "pooled").node("Flatten", "pooled", "features");
    return model.value(11, "pixels", axes).value(12, "features", "n", 3);
  }

  OnnxModels opset(int version) {
    opset = version;
    return this;
  }

  OnnxModels irVersion(int version) {
    irVersion = version;
    return this;
  }

  OnnxModels input(String name, Object... axes) {
    return value(11, name, axes);
  }

  OnnxModels output(String name, Object... axes) {
    return value(12, name, axes);
  }

  OnnxModels node(String type, String input, String output) {
    return node(new Message().text(1, input).text(2, output).text(4, type));
  }

  OnnxModels node(String type, String first, String second, String output) {
    return node(new Message().text(1, first).text(1, second).text(2, output).text(4, type));
  }

  /** From images with channels last to channels first. */
  OnnxModels toChannelsFirst(String input, String output) {
    Message permutation = new Message().text(1, "perm").number(20, 7);
    for (int axis : new int[] {0, 3, 1, 2}) {
      permutation.number(8, axis);
    }
    return node(
        new Message().text(1, input).text(2, output).text(4, "Transpose").message(5, permutation));
  }

  private OnnxModels node(Message node) {
    graph.writeBytes(new Message().message(1, node).bytes());
    return this;
  }

  /** A vector of three floats in another file. */
  OnnxModels external(String name, String location, long offset) {
    Message tensor = new Message().number(1, 3).number(2, FLOAT).text(8, name);
    tensor.message(13, entry("location", location));
    tensor.message(13, entry("offset", Long.toString(offset)));
    tensor.message(13, entry("length", "12"));
    graph.writeBytes(new Message().message(5, tensor.number(14, EXTERNAL)).bytes());
    return this;
  }

  private static Message entry(String key, String value) {
    return new Message().text(1, key).text(2, value);
  }

  /** Axes are lengths or names of free ones. */
  private OnnxModels value(int field, String name, Object... axes) {
    Message shape = new Message();
    for (Object axis : axes) {
      shape.message(
          1,
          axis instanceof Integer length
              ? new Message().number(1, length)
              : new Message().text(2, axis.toString()));
    }
    Message tensor = new Message().number(1, FLOAT).message(2, shape);
    Message value = new Message().text(1, name).message(2, new Message().message(1, tensor));
    graph.writeBytes(new Message().message(field, value).bytes());
    return this;
  }

  byte[] bytes() {
    Message named = new Message().text(2, "graph");
    named.out.writeBytes(graph.toByteArray());
    Message version = new Message().text(1, "").number(2, opset);
    return new Message().number(1, irVersion).message(8, version).message(7, named).bytes();
  }

  /** A protocol buffer message. */
  private static final class Message {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String text) {
      return content(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message nested) {
      return content(field, nested.bytes());
    }

    private Message content(int field, byte[] bytes) {
      varint((long) field << 3 | 2);
      varint(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    private void varint(long value) {
      for (; value > 0x7f; value >>>= 7) {
        out.write((int) (value & 0x7f | 0x80));
      }
      out.write((int) value);
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
