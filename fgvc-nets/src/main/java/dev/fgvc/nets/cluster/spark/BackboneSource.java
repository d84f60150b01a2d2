package dev.fgvc.nets.cluster.spark;

import dev.fgvc.file.BinaryReader;
import dev.fgvc.file.BinaryWriter;
import dev.fgvc.nets.arch.GraphFile;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.weights.Weights;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Where an executor has its backbone from. Spark carries it to the executors with each task. */
abstract class BackboneSource implements Serializable {

  private static final long serialVersionUID = 1L;

  /** The same for the same backbone, and only then. */
  abstract String key();

  /** Tells what the backbone is, wherever it computes. */
  abstract String identity();

  abstract Backbone open();

  /** A network, which Spark broadcasts: each executor fetches it once. */
  static final class OfNetwork extends BackboneSource {

    private static final long serialVersionUID = 1L;
    private static final String KIND = "broadcast network";

    private final Broadcast<byte[]> network;
    private final String identity;
    private final String engine;
    private final String device;
    private final Precision precision;

    private OfNetwork(
        Broadcast<byte[]> network,
        String identity,
        String engine,
        String device,
        Precision precision) {
      this.network = network;
      this.identity = identity;
      this.engine = engine;
      this.device = device;
      this.precision = precision;
    }

    static OfNetwork of(
        JavaSparkContext context, NetworkGraph graph, Weights weights, String identity) {
      weights.requireFor(graph);
      BinaryWriter writer = new BinaryWriter(KIND, 1);
      writer.putBytes(GraphFile.toJson(graph).getBytes(StandardCharsets.UTF_8));
      writer.putBytes(weights.toBytes());
      return new OfNetwork(
          context.broadcast(writer.toBytes()), identity, "", "cpu", Precision.FP32);
    }

    OfNetwork with(String otherEngine, InferenceOptions options) {
      Device where = options.device();
      String name = where.kind() == Device.Kind.CPU ? "cpu" : "cuda:" + where.index();
      return new OfNetwork(network, identity, otherEngine, name, options.precision());
    }

    String engine() {
      return engine;
    }

    InferenceOptions options() {
      return new InferenceOptions(Device.named(device), precision);
    }

    @Override
    String identity() {
      return precision.identityOf(identity);
    }

    @Override
    String key() {
      return String.join(", ", identity, engine, device, precision.name());
    }

    @Override
    Backbone open() {
      BinaryReader reader = new BinaryReader(network.value(), KIND, 1, "the broadcast network");
      String json = new String(reader.bytes(), StandardCharsets.UTF_8);
      NetworkGraph graph = GraphFile.parse(json, "the broadcast graph");
      Weights weights = Weights.fromBytes(reader.bytes());
      reader.requireEnd();
      Engine chosen = engine.isEmpty() ? Engine.best() : Engine.named(engine);
      return chosen.compile(graph, weights, options());
    }
  }

  /** Whatever a supplier makes. */
  static final class OfSupplier extends BackboneSource {

    private static final long serialVersionUID = 1L;

    private final SerializableSupplier<Backbone> supplier;
    private final String identity;

    OfSupplier(SerializableSupplier<Backbone> supplier, String identity) {
      this.supplier = supplier;
      this.identity = identity;
    }

    @Override
    String identity() {
      return identity;
    }

    @Override
    String key() {
      return identity;
    }

    @Override
    Backbone open() {
      return supplier.get();
    }
  }
}
