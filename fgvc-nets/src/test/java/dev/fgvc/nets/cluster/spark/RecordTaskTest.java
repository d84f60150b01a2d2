package dev.fgvc.nets.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import dev.fgvc.image.ImageFormatException;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.SkippedImage;
import dev.fgvc.nets.engine.Backbone;
import dev.fgvc.nets.engine.ImageBatch;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** Records of one partition, each an image of one byte; those of negative bytes are damaged. */
class RecordTaskTest {

  private final List<Integer> decoded = Collections.synchronizedList(new ArrayList<>());

  private final ImageTransform transform =
      new ImageTransform() {
        @Override
        public Resolution resolution() {
          return new Resolution(1, 1);
        }

        @Override
        public void apply(Path file, RandomGenerator random, FloatBuffer target) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void apply(byte[] encoded, Path name, RandomGenerator random, FloatBuffer target) {
          decoded.add((int) encoded[0]);
          if (encoded[0] < 0) {
            throw ImageFormatException.of(name, "negative");
          }
          target.put(encoded[0]).put(0).put(0);
        }
      };

  /** The first value of an image is its feature. */
  private static final class FirstValue implements Backbone {
    @Override
    public int featureDimension() {
      return 1;
    }

    @Override
    public FMatrixRMaj features(ImageBatch images) {
      FMatrixRMaj features = new FMatrixRMaj(images.count(), 1);
      for (int i = 0; i < images.count(); i++) {
        features.set(i, 0, images.toFloats().pixels().get(3 * i));
      }
      return features;
    }
  }

  /** Labels are 0 for even bytes and 1 for odd ones. */
  private static scala.collection.Iterator<Tuple2<Integer, byte[]>> records(int... bytes) {
    return CollectionConverters.asScala(
        Arrays.stream(bytes)
            .mapToObj(value -> new Tuple2<>(Math.abs(value) % 2, new byte[] {(byte) value}))
            .iterator());
  }

  private CountedRecords count(boolean verifies, int... bytes) {
    byte[] counted = new RecordTask.Count(() -> transform, verifies).apply(records(bytes));
    return CountedRecords.fromBytes(counted);
  }

  private Outcome means(CountedRecords counted, boolean verified, int... bytes) {
    RecordPart[] parts = {RecordPart.of(0, counted)};
    BackboneSource backbone = new BackboneSource.OfSupplier(FirstValue::new, "first value");
    return Outcome.fromBytes(
        new RecordTask.Means(backbone, () -> transform, parts, verified).apply(records(bytes)));
  }

  @Test
  void noImageIsDecodedAgainToSeeWhetherItIsDamaged() {
    CountedRecords counted = count(true, 1, -2, 3, 4, -5);
    assertThat(counted.damaged())
        .extracting(SkippedImage::position, SkippedImage::reason)
        .containsExactly(tuple(1, "negative"), tuple(4, "negative"));
    assertThat(counted.count()).isEqualTo(5);
    assertThat(counted.classes()).isEqualTo(2);
    decoded.clear();

    Outcome outcome = means(counted, true, 1, -2, 3, 4, -5);

    assertThat(decoded).containsExactlyInAnyOrder(1, 3, 4);
    assertThat(outcome.images()).isEqualTo(3);
    assertThat(outcome.means().toDomain("d", List.of("even", "odd")).classMeans().data)
        .containsExactly(4, 2);
  }

  @Test
  void namesADamagedRecordThatMayNotBeLeftOut() {
    Outcome outcome = means(count(false, 1, -2), false, 1, -2);

    assertThat(outcome.findings())
        .extracting(SkippedImage::toString)
        .containsExactly("partition 0, record 1: negative");
  }

  @Test
  void refusesRecordsThatHaveChangedSinceTheyWereCounted() {
    CountedRecords counted = count(true, 1, -2, 3);

    for (int[] changed : new int[][] {{3, -2, 1}, {1, -2, 4}, {1, -2}, {1, -2, 3, -2}}) {
      assertThatExceptionOfType(ClusterException.class)
          .isThrownBy(() -> means(counted, true, changed))
          .withMessageContaining("persist the RDD");
    }
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> means(counted, true, 1, 3, -2))
        .withMessageStartingWith("partition 0, record 2 was no damaged image when it was counted")
        .withMessageContaining("persist the RDD");
    assertThatExceptionOfType(ClusterException.class)
        .isThrownBy(() -> means(counted, true, 1, -2, 3, 4));
  }
}
