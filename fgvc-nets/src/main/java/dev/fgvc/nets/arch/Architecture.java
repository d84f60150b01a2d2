package dev.fgvc.nets.arch;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The paper's networks (section 5.1.2) that can be built. */
public enum Architecture {

  /** ResNet-v2 with 50 layers. */
  RESNET_V2_50("resnet_v2_50", 224) {
    @Override
    NetworkGraph graph(int classes, double widthMultiplier) {
      return ResNetV2.build(variableScope(), List.of(3, 4, 6, 3), classes, widthMultiplier);
    }
  },

  /** ResNet-v2 with 101 layers. */
  RESNET_V2_101("resnet_v2_101", 224) {
    @Override
    NetworkGraph graph(int classes, double widthMultiplier) {
      return ResNetV2.build(variableScope(), List.of(3, 4, 23, 3), classes, widthMultiplier);
    }
  },

  /** ResNet-v2 with 152 layers. */
  RESNET_V2_152("resnet_v2_152", 224) {
    @Override
    NetworkGraph graph(int classes, double widthMultiplier) {
      return ResNetV2.build(variableScope(), List.of(3, 8, 36, 3), classes, widthMultiplier);
    }
  };

  private final String variableScope;
  private final int defaultSide;

  Architecture(String variableScope, int defaultSide) {
    this.variableScope = variableScope;
    this.defaultSide = defaultSide;
  }

  abstract NetworkGraph graph(int classes, double widthMultiplier);

  /**
   * The first part of the names of this network's variables.
   *
   * @return the scope, as in the authors' checkpoints
   */
  public String variableScope() {
    return variableScope;
  }

  /**
   * The input side that the network was designed for (table 1 and the authors' code).
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
   * Starts the description of a network of this architecture.
   *
   * @return a builder with width multiplier 1; the number of classes must be given
   */
  public Builder builder() {
    return new Builder(this, 0, 1.0);
  }

  /** The name in lower case, as in files and messages. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Options of a network; every setter returns a new builder. */
  public static final class Builder {

    private final Architecture architecture;
    private final int classes;
    private final double widthMultiplier;

    private Builder(Architecture architecture, int classes, double widthMultiplier) {
      this.architecture = architecture;
      this.classes = classes;
      this.widthMultiplier = widthMultiplier;
    }

    /**
     * How many classes the last layer tells apart.
     *
     * @param count at least 1
     * @return a builder with this number
     */
    public Builder classes(int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            architecture + ": " + count + " classes; at least 1 is needed");
      }
      return new Builder(architecture, count, widthMultiplier);
    }

    /**
     * Makes every layer but the last narrower or wider.
     *
     * @param multiplier of the channels, from 0.05 to 4; 1 is the paper's network
     * @return a builder with this width
     */
    public Builder widthMultiplier(double multiplier) {
      if (!(multiplier >= 0.05 && multiplier <= 4)) {
        throw new IllegalArgumentException(
            architecture + ": width multiplier " + multiplier + " is not within 0.05 and 4");
      }
      return new Builder(architecture, classes, multiplier);
    }

    /**
     * The graph of the network described.
     *
     * @return an immutable graph; building takes well under a millisecond
     * @throws IllegalArgumentException if the number of classes was not given
     */
    public NetworkGraph build() {
      if (classes == 0) {
        throw new IllegalArgumentException(
            architecture + ": say how many classes with classes(n) before build()");
      }
      return architecture.graph(classes, widthMultiplier);
    }
  }
}
