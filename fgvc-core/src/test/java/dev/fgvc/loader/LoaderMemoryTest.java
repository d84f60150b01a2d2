package dev.fgvc.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.testing.ChildJvm;
import dev.fgvc.testing.ResidentMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own, whose heap is resident from the start. */
@Timeout(600)
class LoaderMemoryTest {

  private static final int BATCHES = 10_000;
  private static final int EARLY = 2_000;

  @TempDir private Path folder;

  @Test
  void tenThousandBatchesNeedNoMoreMemoryThanTheFirst() throws Exception {
    ResidentMemory.assumeKnown();
    Process process =
        ChildJvm.of(
                List.of(
                    "-Xms64m",
                    "-Xmx64m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:ReservedCodeCacheSize=32m",
                    "-XX:TieredStopAtLevel=1"), // the second compiler takes up to 20 MB
                LoaderMemoryTest.class,
                folder)
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();

    assertThat(process.waitFor()).as("%s", lines).isZero();
    long[] kilobytes = lines.stream().mapToLong(Long::parseLong).toArray();
    assertThat(kilobytes).as("resident early and late, and buffers").hasSize(3);
    // One picture of each image lost, reduced as it is decoded, would be 57 MB.
    assertThat(kilobytes[1] - kilobytes[0]).as("growth in kB of %s", lines).isLessThan(25_000);
    assertThat(kilobytes[2]).as("buffers").isLessThanOrEqualTo(4);
  }

  /** The child: prints what is resident after some batches and after all. */
  public static void main(String[] arguments) throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Path file = SampleImages.write(Path.of(arguments[0], i + ".jpg"), 160, 240);
      images.add(new LabeledImage(file, 0));
    }
    Dataset dataset = Dataset.of("gradients", List.of("all"), images);
    int handedOut = 0;
    try (BatchLoader loader =
        BatchLoader.builder(dataset, RandomCrop.of(Resolution.square(6)))
            .batchSize(4)
            .threads(2)
            .prefetch(3)
            .build()) {
      for (int epoch = 0; handedOut < BATCHES; epoch++) {
        try (Batches batches = loader.epoch(epoch)) {
          for (; batches.hasNext(); handedOut++) {
            batches.next().close();
          }
        }
        if (handedOut == EARLY) {
          System.out.println(ResidentMemory.kilobytes());
        }
      }
      System.out.println(ResidentMemory.kilobytes());
      System.out.println(loader.buffersMade());
    }
  }
}
