package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.data.VerificationReport.Finding;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageCheck;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.testing.InOtherLocales;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@InOtherLocales
class DatasetVerificationTest {

  private static final ImageCheck DECODING =
      ImageCheck.decoding(CentralCrop.of(Resolution.square(32)));

  /** Odd, but whole: a test below compares its pixels with those of the photo it was made from. */
  private static final String STRAY_BYTES = "garbage_between_segments.jpg";

  private static final List<String> GOOD = List.of("one_pixel.jpg", "png_inside.jpg", STRAY_BYTES);

  @TempDir Path folder;

  @Test
  void findsEveryBadSampleAndNoneOfTheGoodOnes() throws IOException {
    Path samples = SharedFiles.require("data/jpeg-samples");
    List<Path> bad = filesOf(samples.resolve("bad"));
    List<Path> good = filesOf(samples);
    List<Path> all = new ArrayList<>(good);
    all.addAll(bad);

    VerificationReport report =
        DatasetVerification.of(dataset(all)).withRoot(samples).withCheck(DECODING).run();

    List<Path> expected =
        bad.stream().filter(path -> GOOD.stream().noneMatch(path::endsWith)).toList();
    assertThat(report.findings()).extracting(Finding::path).containsExactlyElementsOf(expected);
    assertThat(report.findings()).allMatch(finding -> finding.reason().length() > 5);
    assertThat(report.withoutFindings().size()).isEqualTo(all.size() - expected.size());
  }

  @Test
  void strayBytesBetweenSegmentsAreNoFindingAsEveryPixelIsThere() throws IOException {
    Path samples = SharedFiles.require("data/jpeg-samples");

    assertThat(pixels(samples.resolve("bad").resolve(STRAY_BYTES)))
        .isEqualTo(pixels(samples.resolve("n02974003_car_wheel.JPEG")));
  }

  private static float[] pixels(Path file) throws IOException {
    FloatBuffer target = FloatBuffer.allocate(3 * 224 * 224);
    CentralCrop.of(Resolution.square(224)).apply(file, new SplittableRandom(0), target);
    return target.array();
  }

  @Test
  void findsEveryPhotoThatIsCutAnywhere() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed of the cut photos: " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] whole = SampleImages.encoded("jpeg", 60, 90);
    byte[] png = SampleImages.encoded("png", 60, 90);
    List<Path> files = new ArrayList<>();
    files.add(Files.write(folder.resolve("whole.jpg"), whole));
    files.add(Files.write(folder.resolve("whole.png"), png));
    for (int i = 0; i < 100; i++) {
      byte[] cut = i % 2 == 0 ? whole : png;
      cut = Arrays.copyOf(cut, random.nextInt(cut.length));
      files.add(Files.write(folder.resolve(i + ".jpg"), cut));
    }
    for (ImageCheck check : List.of(ImageCheck.header(), DECODING)) {
      VerificationReport report = DatasetVerification.of(dataset(files)).withCheck(check).run();
      assertThat(report.findings())
          .as("seed %d", seed)
          .extracting(Finding::path)
          .containsExactlyElementsOf(files.subList(2, files.size()));
    }
  }

  @Test
  void photosWithFlippedBitsAreFoundOrDecodedWholeButNeverStopTheRun() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed of the flipped bits: " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] whole = SampleImages.encoded("jpeg", 60, 90);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] flipped = whole.clone();
      for (int k = 0; k <= i % 4; k++) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      files.add(Files.write(folder.resolve(i + ".jpg"), flipped));
    }
    // The start marker is always looked at, so that something is found with every seed.
    byte[] headless = whole.clone();
    headless[1] ^= 1;
    files.add(Files.write(folder.resolve("headless.jpg"), headless));

    VerificationReport report =
        DatasetVerification.of(dataset(files)).withCheck(DECODING).withThreads(3).run();

    assertThat(report.findings()).as("seed %d", seed).isNotEmpty();
    assertThat(report.findings().get(report.findings().size() - 1).path())
        .isEqualTo(files.get(300));
    for (int i = 0; i < report.withoutFindings().size(); i++) {
      DECODING.check(report.withoutFindings().path(i));
    }
  }

  @Test
  void namesWhatIsNoFileBelowTheRoot() throws IOException {
    Path root = Files.createDirectory(folder.resolve("root"));
    Path good = SampleImages.write(root.resolve("good.jpg"), 8, 8);
    Path outside = SampleImages.write(folder.resolve("outside.jpg"), 8, 8);
    Path link = Files.createSymbolicLink(root.resolve("link.jpg"), outside);
    Path innerLink = Files.createSymbolicLink(root.resolve("inner.jpg"), good);
    Path directory = Files.createDirectory(root.resolve("folder.jpg"));
    Path missing = root.resolve("missing.jpg");
    Path dots = root.resolve("../outside.jpg");
    Path empty = Files.createFile(root.resolve("empty.jpg"));
    Dataset dataset = dataset(List.of(good, link, innerLink, directory, missing, dots, empty));

    VerificationReport report = DatasetVerification.of(dataset).withRoot(root).run();

    assertThat(report.findings()).extracting(Finding::position).containsExactly(1, 3, 4, 5, 6);
    assertThat(report.findings().get(0).reason()).contains("leaves its root");
    assertThat(report.findings().get(1).reason()).isEqualTo("a folder where a file should be");
    assertThat(report.findings().get(2).reason()).isEqualTo("no such file");
    assertThat(report.findings().get(3).reason()).contains("leaves its root");
    assertThat(report.findings().get(4).reason()).contains("empty");
    assertThat(report.toString().lines()).hasSize(6).first().asString().contains("5 unusable");
    assertThat(report.withoutFindings().images())
        .containsExactly(dataset.images().get(0), dataset.images().get(2));
    // Links may lead anywhere if no root is asked for.
    assertThat(DatasetVerification.of(dataset).run().findings())
        .extracting(Finding::position)
        .containsExactly(3, 4, 6);
  }

  @Test
  void namesAFileThatVanishesWhileOthersAreLookedAt() throws IOException {
    Path first = SampleImages.write(folder.resolve("first.jpg"), 8, 8);
    Path second = SampleImages.write(folder.resolve("second.jpg"), 8, 8);
    ImageCheck check =
        file -> {
          ImageCheck.header().check(file);
          Files.deleteIfExists(second);
        };

    VerificationReport report =
        DatasetVerification.of(dataset(List.of(first, second)))
            .withCheck(check)
            .withThreads(1)
            .run();

    assertThat(report.findings()).containsExactly(new Finding(1, second, "no such file"));
  }

  @Test
  void theReportDoesNotDependOnTheNumberOfThreads() throws IOException {
    List<Path> files = new ArrayList<>();
    byte[] whole = SampleImages.encoded("jpeg", 20, 20);
    for (int i = 0; i < 200; i++) {
      byte[] content = i % 7 == 3 ? Arrays.copyOf(whole, i) : whole;
      files.add(Files.write(folder.resolve(i + ".jpg"), content));
    }
    Dataset dataset = dataset(files);
    VerificationReport alone = DatasetVerification.of(dataset).withThreads(1).run();

    assertThat(alone.findings()).hasSize(29);
    for (int threads : new int[] {2, 5, 300}) {
      assertThat(DatasetVerification.of(dataset).withThreads(threads).run()).isEqualTo(alone);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatasetVerification.of(dataset).withThreads(0));
  }

  @Test
  @Timeout(600)
  void anInterruptStopsAllThreadsBeforeTheCallReturns() throws InterruptedException {
    Dataset dataset = dataset(Stream.generate(() -> Path.of("a.jpg")).limit(100_000).toList());
    CountDownLatch started = new CountDownLatch(1);
    Set<Thread> workers = ConcurrentHashMap.newKeySet();
    AtomicInteger looked = new AtomicInteger();
    AtomicInteger lookedAtReturn = new AtomicInteger();
    // A check that takes no notice of interrupts until its image is done.
    ImageCheck slow =
        file -> {
          workers.add(Thread.currentThread());
          looked.incrementAndGet();
          started.countDown();
          long end = System.nanoTime() + 2_000_000;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        };
    List<Throwable> thrown = new ArrayList<>();
    List<Boolean> interrupted = new ArrayList<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                DatasetVerification.of(dataset).withCheck(slow).withThreads(2).run();
              } catch (IOException e) {
                thrown.add(e);
                interrupted.add(Thread.currentThread().isInterrupted());
                lookedAtReturn.set(looked.get());
              }
            });
    caller.start();
    started.await();
    caller.interrupt();
    caller.join();

    assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
    assertThat(interrupted).containsExactly(true);
    assertThat(lookedAtReturn.get()).isLessThan(100_000).isEqualTo(looked.get());
    assertThat(workers).hasSizeBetween(1, 2);
    for (Thread worker : workers) {
      assertThat(worker.isDaemon()).isTrue();
      assertThat(worker.getName()).startsWith("fgvc-");
      // The threads of a terminated pool may still be in their last instructions.
      worker.join();
    }
  }

  @Test
  void aCheckThatFailsItselfIsNoFinding() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 8, 8);
    ImageCheck broken =
        path -> {
          throw new IllegalStateException("add a decoder");
        };

    assertThatThrownBy(() -> DatasetVerification.of(dataset(List.of(file))).withCheck(broken).run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("add a decoder");
  }

  @Test
  void tellsHowFarItIsUntilAllImagesAreDone() throws IOException {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 8, 8);
    List<Long> done = new ArrayList<>();

    DatasetVerification.of(dataset(List.of(file, file)))
        .withProgress((task, count, total, detail) -> done.add(count))
        .run();

    assertThat(done).isSorted().endsWith(2L);
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static Dataset dataset(List<Path> files) {
    return Dataset.of(
        "photos", List.of("any"), files.stream().map(file -> new LabeledImage(file, 0)).toList());
  }
}
