package dev.fgvc.nets.arch;

import dev.fgvc.image.Resolution;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** The paper's eight networks (section 5.1.2). */
public enum Architecture {

  /** ResNet-v2 with 50 layers. */
  RESNET_V2_50("resnet_v2_50", 320) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return ResNetV2.build(variableScope(), List.of(3, 4, 6, 3), options);
    }
  },

  /** ResNet-v2 with 101 layers. */
  RESNET_V2_101("resnet_v2_101", 320) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return ResNetV2.build(variableScope(), List.of(3, 4, 23, 3), options);
    }
  },

  /** ResNet-v2 with 152 layers. */
  RESNET_V2_152("resnet_v2_152", 320) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return ResNetV2.build(variableScope(), List.of(3, 8, 36, 3), options);
    }
  },

  /** Inception-v3, the network of most of the paper's experiments. */
  INCEPTION_V3("InceptionV3", 299) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return InceptionV3.build(variableScope(), options, false);
    }
  },

  /** Inception-v4. */
  INCEPTION_V4("InceptionV4", 299) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return InceptionV4.build(variableScope(), options);
    }
  },

  /** Inception-ResNet-v2. */
  INCEPTION_RESNET_V2("InceptionResnetV2", 299) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return InceptionResNetV2.build(variableScope(), options, false);
    }
  },

  /** Inception-v3 with squeeze-and-excitation. */
  INCEPTION_V3_SE("InceptionV3SE", 299) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return InceptionV3.build(variableScope(), options, true);
    }
  },

  /** Inception-ResNet-v2 with squeeze-and-excitation. */
  INCEPTION_RESNET_V2_SE("InceptionResnetV2SE", 299) {
    @Override
    NetworkGraph graph(NetworkOptions options) {
      return InceptionResNetV2.build(variableScope(), options, true);
    }
  };

  /** Decay of batch norms' moving statistics in the authors' {@code resnet_utils.py}. */
  public static final double RESNET_BATCH_NORM_DECAY = 0.997;

  /** Decay of batch norms' moving statistics in the authors' {@code inception_utils.py}. */
  public static final double INCEPTION_BATCH_NORM_DECAY = 0.9997;

  private final String variableScope;
  private final int defaultSide;

  Architecture(String variableScope, int defaultSide) {
    this.variableScope = variableScope;
    this.defaultSide = defaultSide;
  }

  abstract NetworkGraph graph(NetworkOptions options);

  /**
   * The first part of the names of this network's variables.
   *
   * @return the scope, as in the authors' checkpoints
   */
  public String variableScope() {
    return variableScope;
  }

  /**
   * The input side that the network was designed for (table 1 of the paper).
   *
   * @return pixels
   */
  public int defaultSide() {
    return defaultSide;
  }

  /**
   * The architecture whose variables are named as given.
   *
   * @param variable a full variable name, such as {@code resnet_v2_50/conv1/weights}
   * @return the architecture, or empty if none has such variables
   */
  public static Optional<Architecture> ofVariable(String variable) {
    return Arrays.stream(values())
        .filter(architecture -> variable.startsWith(architecture.variableScope + "/"))
        .findFirst();
  }

  /**
   * Starts the description of a network of this architecture: width multiplier 1, the authors'
   * batch norm decay, the average as its head, the auxiliary head (if the architecture has one) for
   * the default resolution.
   *
   * @return a builder; the number of classes must be given
   */
  public Builder builder() {
    return new Builder(this);
  }

  /** The name in lower case, as in files and messages. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Options of a network; each setter returns the builder itself. */
  public static final class Builder {

    private final Architecture architecture;
    private int classes;
    private double widthMultiplier = 1;
    private OptionalDouble batchNormDecay = OptionalDouble.empty();
    private boolean auxiliaryHead = true;
    private Resolution resolution;
    private Convention convention = Convention.TF_SLIM;
    private Head head = Head.average();

    private Builder(Architecture architecture) {
      this.architecture = architecture;
      this.resolution = Resolution.square(architecture.defaultSide);
    }

    /**
     * How many classes the last layer tells apart.
     *
     * @param count at least 1
     * @return this builder
     */
    public Builder classes(int count) {
      require(count >= 1, count + " classes; at least 1 is needed");
      classes = count;
      return this;
    }

    /**
     * Makes every layer but the last narrower or wider.
     *
     * @param multiplier of the channels, from 0.05 to 4; 1 is the paper's network
     * @return this builder
     */
    public Builder widthMultiplier(double multiplier) {
      require(
          multiplier >= 0.05 && multiplier <= 4,
          "width multiplier " + multiplier + " is not within 0.05 and 4");
      widthMultiplier = multiplier;
      return this;
    }

    /**
     * How slowly the batch norms' moving statistics follow the batches. The authors' values ({@link
     * #RESNET_BATCH_NORM_DECAY} and {@link #INCEPTION_BATCH_NORM_DECAY}) suit hundreds of thousands
     * of steps; after a few hundred they would still carry their initial values.
     *
     * @param decay in [0, 1)
     * @return this builder
     */
    public Builder batchNormDecay(double decay) {
      require(decay >= 0 && decay < 1, "batch norm decay " + decay + " is not within [0, 1)");
      batchNormDecay = OptionalDouble.of(decay);
      return this;
    }

    /**
     * How the features are made of the last activation. A network with a bilinear head has no
     * auxiliary one.
     *
     * @param features the average unless said otherwise
     * @return this builder
     */
    public Builder head(Head features) {
      head = features;
      return this;
    }

    /**
     * Whether the network has its auxiliary head; architectures without one ignore this.
     *
     * @param present false leaves it out
     * @return this builder
     */
    public Builder auxiliaryHead(boolean present) {
      auxiliaryHead = present;
      return this;
    }

    /**
     * The resolution of the training images. It shapes the auxiliary head only: all else takes any
     * size.
     *
     * @param size of the images
     * @return this builder
     */
    public Builder resolution(Resolution size) {
      resolution = size;
      return this;
    }

    /**
     * Whose details the network follows where libraries differ; weights give the results they were
     * trained for only in the convention they were trained in.
     *
     * @param library TF-slim's, which is the paper's, unless weights came from elsewhere
     * @return this builder
     */
    public Builder convention(Convention library) {
      convention = library;
      return this;
    }

    /**
     * The graph of the network described.
     *
     * @return an immutable graph; building takes well under a millisecond
     * @throws IllegalArgumentException if the number of classes was not given, the resolution is
     *     too small for the auxiliary head, or there are too many channels for the head
     */
    public NetworkGraph build() {
      require(classes > 0, "say how many classes with classes(n) before build()");
      return architecture.graph(
          new NetworkOptions(
              classes,
              widthMultiplier,
              batchNormDecay,
              auxiliaryHead && !head.isBilinear(),
              resolution,
              convention,
              head));
    }

    private void require(boolean condition, String problem) {
      if (!condition) {
        throw new IllegalArgumentException(architecture + ": " + problem);
      }
    }
  }
}
