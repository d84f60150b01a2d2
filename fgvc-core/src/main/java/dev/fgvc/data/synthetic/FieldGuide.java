package dev.fgvc.data.synthetic;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.data.DatasetSplits;
import dev.fgvc.progress.Progress;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A synthetic data set for transfer learning: a source domain of several families with a
 * long-tailed number of pictures per species, and target domains of new species of one family each.
 * So a target has close relatives in the source, and many classes there that are none of them.
 *
 * <p>The number of training pictures of the source species at rank r is {@code maximumImages / r ^
 * zipfExponent}, but at least {@code minimumImages}; which species has which rank is drawn. With
 * the same settings and the same Java release every file has the same bytes.
 */
public final class FieldGuide {

  /** The name and the folder of the source domain. */
  public static final String SOURCE = "source";

  private final Map<String, List<Species>> domains;
  private final int pixels;
  private final double variation;
  private final int threads;

  private FieldGuide(
      Map<String, List<Species>> domains, int pixels, double variation, int threads) {
    this.domains = domains;
    this.pixels = pixels;
    this.variation = variation;
    this.threads = threads;
  }

  /**
   * Starts a guide: all families, 10 species each, 280 to 8 pictures a species with exponent 0.8, 5
   * for validation, 96 pixels, seed 1, no target.
   *
   * @return a builder with these defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The guide of the quickstart: 144 source species, 24 of each family, with about 2800 training
   * pictures, and three targets, {@code birds}, {@code beetles} and {@code fish}, of 20 species
   * with 10 training and 20 validation pictures each, all of 56 pixels. Poses, backgrounds and
   * light vary less than in the field, so that a small network learns the species in a few hundred
   * steps.
   *
   * @param seed chooses everything
   * @return the guide
   */
  public static FieldGuide quickstart(long seed) {
    return builder()
        .speciesPerFamily(24)
        .maximumImages(30)
        .minimumImages(15)
        .zipfExponent(0.1)
        .validationImages(1)
        .target("birds", Family.BIRDS, 20, 10, 20)
        .target("beetles", Family.BEETLES, 20, 10, 20)
        .target("fish", Family.FISH, 20, 10, 20)
        .pixels(56)
        .variation(0.2)
        .seed(seed)
        .build();
  }

  /**
   * The names of the domains.
   *
   * @return {@link #SOURCE}, then the targets in the order they were added
   */
  public List<String> domainNames() {
    return List.copyOf(domains.keySet());
  }

  /**
   * How many pictures {@link #write} draws.
   *
   * @return those of all domains, for training and validation
   */
  public int pictureCount() {
    return domains.values().stream().flatMap(List::stream).mapToInt(Species::pictures).sum();
  }

  /**
   * Draws all pictures: {@code root/DOMAIN/SPECIES/NUMBER.jpg} with {@code root/DOMAIN/train.txt}
   * and {@code val.txt}. Everything is made in a folder beside the root, which is renamed at the
   * end, so that there is never half a guide under the root's name. Takes 1 to 2 ms of CPU time for
   * each picture of 96 x 96 pixels.
   *
   * @param root the folder to make; may exist if it is empty
   * @param progress hears of finished pictures
   * @return the domains by name, the source first
   * @throws java.nio.file.FileAlreadyExistsException if the root is a file or is not empty
   * @throws java.io.InterruptedIOException if this thread is interrupted; nothing stays behind
   * @throws IOException if something cannot be written; nothing stays behind
   */
  public Map<String, DatasetSplits> write(Path root, Progress progress) throws IOException {
    return new GuideWriter(domains, pixels, variation, threads).write(root, progress);
  }

  /** Settings of a guide. Each method refuses a wrong value at once and returns this builder. */
  public static final class Builder {

    private List<Family> families = List.of(Family.values());
    private int speciesPerFamily = 10;
    private int maximumImages = 280;
    private int minimumImages = 8;
    private double zipfExponent = 0.8;
    private int validationImages = 5;
    private int pixels = 96;
    private double variation = 1;
    private long seed = 1;
    private int threads = Runtime.getRuntime().availableProcessors();
    private final List<Target> targets = new ArrayList<>();

    private record Target(String name, Family family, int species, int training, int validation) {}

    private Builder() {}

    /**
     * The families of the source.
     *
     * @param values at least one, each once
     * @return this builder
     */
    public Builder families(Family... values) {
      if (values.length == 0 || Set.of(values).size() != values.length) {
        throw new IllegalArgumentException("the source needs at least one family, each once");
      }
      this.families = List.of(values);
      return this;
    }

    /**
     * Source species of each family.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder speciesPerFamily(int value) {
      this.speciesPerFamily = atLeast(1, value, "species per family");
      return this;
    }

    /**
     * Training pictures of the most common source species.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder maximumImages(int value) {
      this.maximumImages = atLeast(1, value, "maximum images");
      return this;
    }

    /**
     * Training pictures that each source species has at least.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder minimumImages(int value) {
      this.minimumImages = atLeast(1, value, "minimum images");
      return this;
    }

    /**
     * How steeply the number of pictures falls with the rank.
     *
     * @param value at least 0, which gives all source species the maximum
     * @return this builder
     */
    public Builder zipfExponent(double value) {
      if (!(value >= 0 && value <= 10)) {
        throw new IllegalArgumentException("Zipf exponent " + value + " must be from 0 to 10");
      }
      this.zipfExponent = value;
      return this;
    }

    /**
     * Validation pictures of each source species.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder validationImages(int value) {
      this.validationImages = atLeast(1, value, "validation images");
      return this;
    }

    /**
     * Adds a target domain of species that are nowhere else in the guide.
     *
     * @param name the domain's name and folder: letters, digits, dots, hyphens, underscores
     * @param family what it shows
     * @param species its classes, at least 1
     * @param training training pictures of each, at least 1
     * @param validation validation pictures of each, at least 1
     * @return this builder
     */
    public Builder target(String name, Family family, int species, int training, int validation) {
      if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
        throw new IllegalArgumentException("\"" + name + "\" cannot be the name of a folder");
      }
      targets.add(
          new Target(
              name,
              Objects.requireNonNull(family, "family"),
              atLeast(1, species, "species"),
              atLeast(1, training, "training images"),
              atLeast(1, validation, "validation images")));
      return this;
    }

    /**
     * Height and width of the pictures.
     *
     * @param value from 16 to 4096
     * @return this builder
     */
    public Builder pixels(int value) {
      if (value < 16 || value > 4096) {
        throw new IllegalArgumentException("pixels " + value + " must be from 16 to 4096");
      }
      this.pixels = value;
      return this;
    }

    /**
     * How much pictures of one species differ in pose, background and light. The less they do, the
     * fewer pictures and steps a network needs.
     *
     * @param value from 0, as on the plates of a book, to 1, as in the field; 1 by default
     * @return this builder
     */
    public Builder variation(double value) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException("variation " + value + " must be from 0 to 1");
      }
      this.variation = value;
      return this;
    }

    /**
     * Sets the seed of species and pictures. Everything drawn at random is the same on every Java;
     * the edges of some leaves are not, as Java 25 fills shapes otherwise than 17.
     *
     * @param value any number
     * @return this builder
     */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /**
     * Sets how many threads draw; as many as there are CPUs by default. They have no influence on
     * the pictures.
     *
     * @param value at least 1
     * @return this builder
     */
    public Builder threads(int value) {
      this.threads = atLeast(1, value, "threads");
      return this;
    }

    /**
     * Plans the guide; nothing is drawn yet.
     *
     * @return the guide
     * @throws IllegalArgumentException if two domains have the same name, or the minimum is above
     *     the maximum of images
     */
    public FieldGuide build() {
      if (minimumImages > maximumImages) {
        throw new IllegalArgumentException(
            "minimum images " + minimumImages + " above maximum images " + maximumImages);
      }
      Set<String> names = new HashSet<>(Set.of(SOURCE));
      Map<String, List<Species>> domains = new LinkedHashMap<>();
      Map<Family, Integer> nextGenus = new EnumMap<>(Family.class);
      domains.put(SOURCE, source(nextGenus));
      for (Target target : targets) {
        // Folders of some file systems do not tell capitals from small letters.
        if (!names.add(target.name().toLowerCase(Locale.ROOT))) {
          throw new IllegalArgumentException("two domains are called " + target.name());
        }
        domains.put(target.name(), species(target, nextGenus));
      }
      return new FieldGuide(domains, pixels, variation, threads);
    }

    private List<Species> source(Map<Family, Integer> nextGenus) {
      int[] counts = trainingCounts(families.size() * speciesPerFamily);
      List<Species> species = new ArrayList<>();
      for (Family family : families) {
        for (int i = 0; i < speciesPerFamily; i++) {
          int training = counts[species.size()];
          species.add(Species.numbered(family, i, training, validationImages, seed));
        }
        nextGenus.put(family, generaOf(speciesPerFamily));
      }
      return List.copyOf(species);
    }

    private List<Species> species(Target target, Map<Family, Integer> nextGenus) {
      int genus = nextGenus.getOrDefault(target.family(), 0);
      nextGenus.put(target.family(), genus + generaOf(target.species()));
      List<Species> species = new ArrayList<>();
      for (int i = 0; i < target.species(); i++) {
        int number = genus * Traits.GENUS_SIZE + i;
        species.add(
            Species.numbered(
                target.family(), number, target.training(), target.validation(), seed));
      }
      return List.copyOf(species);
    }

    /** Zipf's counts, dealt out in a drawn order so that no family is the common one. */
    private int[] trainingCounts(int species) {
      int[] counts = new int[species];
      SplitMix64 random = new SplitMix64(Species.mix(seed, -1));
      for (int rank = 0; rank < species; rank++) {
        int count = (int) Math.round(maximumImages / StrictMath.pow(rank + 1, zipfExponent));
        int place = random.nextInt(rank + 1);
        counts[rank] = counts[place];
        counts[place] = Math.max(minimumImages, count);
      }
      return counts;
    }

    private static int generaOf(int species) {
      return (species + Traits.GENUS_SIZE - 1) / Traits.GENUS_SIZE;
    }

    private static int atLeast(int least, int value, String what) {
      checkArgument(value >= least, "%s %s must be at least %s", what, value, least);
      return value;
    }
  }
}
