package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checkpoints that are damaged, unreadable, half written or too large for the disk. */
class DamagedCheckpointTest extends InterruptedRuns {

  private static List<String> uninterrupted;

  @BeforeAll
  static void runOnceToTheEnd() {
    uninterrupted = uninterruptedLosses();
  }

  private static List<String> lossesAfter(int step) {
    return uninterrupted.subList(step, uninterrupted.size());
  }

  @Test
  void aDamagedNewestIsNoticedWhereverItIsDamaged() throws IOException {
    interruptAt(5);
    Path newest = folder.resolve("checkpoint-000000000004.safetensors");
    byte[] whole = Files.readAllBytes(newest);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 12; i++) {
      byte[] bytes = whole.clone();
      if (i % 3 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        int end = i % 3 == 1 ? 4000 : bytes.length;
        bytes[random.nextInt(end)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(newest, bytes);
      Recorder rest = new Recorder(4);

      assertThatExceptionOfType(IllegalCallerException.class)
          .as("seed %d, damage %d", seed, i)
          .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(rest)));

      assertThat(rest.damaged).hasSize(1);
      assertThat(rest.damaged.get(0)).startsWith("checkpoint-000000000004.safetensors.damaged");
      assertThat(rest.resumedAt).isEqualTo(2);
      assertThat(rest.losses).isEqualTo(lossesAfter(2).subList(0, 2));
    }
  }

  /** A supervisor starts the same command again and again. */
  @Test
  void refusesAtEveryStartWhenNoneIsWholeAndRenamesNothing() throws IOException {
    interruptAt(5);
    List<Path> files = files();
    for (Path file : files) {
      Files.write(file, new byte[100]);
    }
    for (int start = 0; start < 3; start++) {
      Recorder recorder = new Recorder(-1);

      assertThatIllegalStateException()
          .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints()).withListener(recorder)))
          .withMessageContaining("no checkpoint in " + folder + " is whole")
          .withMessageContaining("checkpoint-000000000002.safetensors")
          .withMessageContaining("checkpoint-000000000004.safetensors");

      assertThat(recorder.losses).isEmpty();
      assertThat(recorder.damaged).isEmpty();
      assertThat(files()).isEqualTo(files).hasSize(2);
    }
  }

  @Test
  void refusesAFolderThatHoldsNothingButDamagedOnesSetAside() throws IOException {
    interruptAt(3);
    Path file = files().get(0);
    Files.move(file, file.resolveSibling(file.getFileName() + ".damaged"));

    assertThatIllegalStateException()
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
        .withMessageContaining("no checkpoint in " + folder + " is whole")
        .withMessageContaining("set aside as damaged");
  }

  @Test
  void aFileThatCannotBeReadIsNotDamaged() throws IOException {
    interruptAt(5);
    Path newest = folder.resolve("checkpoint-000000000004.safetensors");
    Path away = Files.move(newest, folder.resolve("away"));
    // Nobody reads a folder as a file, not even who may read everything.
    Files.createDirectory(newest);
    for (int start = 0; start < 2; start++) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
          .withMessageContaining(newest + " cannot be read")
          .withMessageContaining("make it readable");
    }

    assertThat(newest).isDirectory();
    Files.delete(newest);
    Files.move(away, newest);
    Recorder rest = new Recorder(-1);
    train(trainer().withCheckpoints(checkpoints()).withListener(rest));
    assertThat(rest.losses).isEqualTo(lossesAfter(4));
  }

  @Test
  void aFileWithoutPermissionIsLeftAloneAndNamed() throws IOException {
    interruptAt(5);
    Path newest = folder.resolve("checkpoint-000000000004.safetensors");
    assumeTrue(newest.toFile().setReadable(false), "no permissions here");
    assumeFalse(Files.isReadable(newest), "this user may read every file");

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> train(trainer().withCheckpoints(checkpoints())))
        .withMessageContaining(newest + " cannot be read");

    assertThat(newest).exists();
  }

  @Test
  void aFullDiskLeavesTheCheckpointsBeforeIt() throws IOException {
    interruptAt(3);
    long each = Files.size(files().get(0));
    Configuration disk =
        Configuration.unix().toBuilder().setMaxSize(each * 5 / 2).setBlockSize(4096).build();
    try (FileSystem small = Jimfs.newFileSystem(disk)) {
      Path full = small.getPath("/checkpoints");
      Checkpoints keepAll = Checkpoints.in(full).every(2).keep(9);

      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> train(trainer().withCheckpoints(keepAll)))
          .withMessageContaining("checkpoint-000000000006.safetensors cannot be written")
          .withMessageContaining("bytes and /checkpoints has");

      try (Stream<Path> files = Files.list(full)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder(
                "checkpoint-000000000002.safetensors",
                "checkpoint-000000000004.safetensors",
                "training.lock");
      }
      Recorder rest = new Recorder(5);
      assertThatExceptionOfType(IllegalCallerException.class)
          .isThrownBy(() -> train(trainer().withCheckpoints(keepAll).withListener(rest)));
      assertThat(rest.losses).isEqualTo(lossesAfter(4).subList(0, 1));
    }
  }

  @Test
  void whatAKilledProcessLeftHalfWrittenIsCleared() throws IOException {
    Path partial =
        Files.write(folder.resolve("checkpoint-000000000002.safetensors123.partial"), new byte[10]);
    Path foreign = Files.write(folder.resolve("notes.partial"), new byte[10]);

    interruptAt(1);

    assertThat(partial).doesNotExist();
    assertThat(foreign).exists();
  }
}
