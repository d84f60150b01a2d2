package dev.fgvc.nets.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class VerificationTaskTest {

  @Test
  void endsBeforeTheNextImage() {
    AtomicInteger decoded = new AtomicInteger();
    ImageTransform counting =
        new ImageTransform() {
          @Override
          public Resolution resolution() {
            return new Resolution(1, 1);
          }

          @Override
          public void apply(Path file, RandomGenerator random, FloatBuffer target) {
            decoded.incrementAndGet();
          }
        };
    List<PlacedImage> images =
        IntStream.range(0, 100)
            .mapToObj(i -> new PlacedImage(Path.of("i" + i), 0, Optional.empty()))
            .toList();
    byte[] block = new ImageBlock(0, images).toBytes();

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                new VerificationTask(() -> counting)
                    .apply(
                        CollectionConverters.asScala(List.of(block).iterator()),
                        () -> {
                          if (decoded.get() == 3) {
                            throw new CancellationException();
                          }
                        }));

    assertThat(decoded).hasValue(3);
  }
}
