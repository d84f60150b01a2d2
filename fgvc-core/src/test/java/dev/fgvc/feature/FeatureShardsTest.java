package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InOtherLocales
class FeatureShardsTest {

  @TempDir Path folder;

  @Test
  void whatWasAppendedIsThereWhenTheFolderIsOpenedAgain() throws IOException {
    FeatureShards writing = FeatureShards.in(folder.resolve("new"), 2);
    writing.append(new FMatrixRMaj(3, 2, true, 1, 2, 3, 4, 5, 6), new int[] {0, 1, 0});
    writing.append(new FMatrixRMaj(1, 2, true, 7, 8), new int[] {2});

    FeatureShards reading = FeatureShards.in(folder.resolve("new"), 2);

    assertThat(reading.imageCount()).isEqualTo(4);
    assertThat(reading.features().data).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(reading.labels()).containsExactly(0, 1, 0, 2);
    assertThat(reading.firstFeatures(2).data).containsExactly(1, 2, 3, 4);
  }

  @Test
  void severalWritersMakeTheFolderThatOneMakes() throws IOException {
    Path one = folder.resolve("one");
    FeatureShards alone = FeatureShards.in(one, 2);
    alone.append(new FMatrixRMaj(2, 2, true, 1, 2, 3, 4), new int[] {0, 1});
    alone.append(new FMatrixRMaj(1, 2, true, 5, 6), new int[] {2});

    Path several = folder.resolve("several");
    FeatureShards first = FeatureShards.in(several, 2);
    FeatureShards second = FeatureShards.in(several, 2);
    second.put(1, new FMatrixRMaj(1, 2, true, 5, 6), new int[] {2});
    assertThat(FeatureShards.in(several, 2).imageCount()).isZero();
    assertThat(first.read(0, (features, labels) -> {})).isFalse();
    first.put(0, new FMatrixRMaj(2, 2, true, 1, 2, 3, 4), new int[] {0, 1});
    second.put(0, new FMatrixRMaj(2, 2, true, 1, 2, 3, 4), new int[] {0, 1});

    FeatureShards read = FeatureShards.in(several, 2);
    assertThat(read.features().data).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read.labels()).containsExactly(0, 1, 2);
    int[][] found = new int[1][];
    assertThat(read.read(1, (features, labels) -> found[0] = labels)).isTrue();
    assertThat(found[0]).containsExactly(2);
    for (String name : new String[] {"features-00000.npy", "labels-00001.npy"}) {
      assertThat(several.resolve(name)).hasSameBinaryContentAs(one.resolve(name));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> first.put(-1, new FMatrixRMaj(1, 2), new int[1]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> first.put(0, new FMatrixRMaj(1, 3), new int[1]));
  }

  @Test
  void bytesAreThoseThatNumPyWrites() throws IOException {
    FeatureShards.in(folder, 3).append(new FMatrixRMaj(1, 3, true, 1, -2, 0.5f), new int[] {7});

    byte[] features = Files.readAllBytes(folder.resolve("features-00000.npy"));
    byte[] labels = Files.readAllBytes(folder.resolve("labels-00000.npy"));

    assertThat(header(features))
        .isEqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }");
    assertThat(header(labels))
        .isEqualTo("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }");
    assertThat(Arrays.copyOfRange(features, 128, features.length))
        .containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f);
    assertThat(Arrays.copyOfRange(labels, 128, labels.length)).containsExactly(7, 0, 0, 0);
  }

  @Test
  void notesWhatTheFeaturesAreMadeOfAndRefusesAnythingElse() throws IOException {
    FeatureShards shards = FeatureShards.in(folder, 1);
    shards.requireOrigin(Map.of("images", "of a run that wrote no shard"));
    shards.requireOrigin(Map.of("images", "#1", "crop", "all of it"));
    shards.append(new FMatrixRMaj(1, 1, true, 1), new int[] {0});

    FeatureShards again = FeatureShards.in(folder, 1);
    again.requireOrigin(Map.of("crop", "all of it", "images", "#1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again.requireOrigin(Map.of("images", "#2", "crop", "all of it")))
        .withMessage(
            folder
                + " holds features of images other than #2, namely images: #1: choose an empty"
                + " folder");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again.requireOrigin(Map.of("images", "#1")))
        .withMessageContaining("another origin, namely crop: all of it");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again.requireOrigin(Map.of("images", "#1\n#2")))
        .withMessageContaining("must be one line");
  }

  @Test
  void clearsWhatAKilledWriterLeftHalfWritten() throws IOException {
    String left = "." + UUID.randomUUID() + ".partial";
    Files.write(folder.resolve("labels-00000.npy" + left), new byte[3]);
    Files.write(folder.resolve("features-00000.npy" + left), new byte[3]);

    FeatureShards.in(folder, 1).append(new FMatrixRMaj(1, 1, true, 1), new int[] {0});

    assertThat(folder)
        .isDirectoryContaining("glob:**features-00000.npy")
        .isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void labelsWithoutFeaturesAreNoShard() throws IOException {
    FeatureShards.in(folder, 1).append(new FMatrixRMaj(1, 1, true, 1), new int[] {0});
    // what a run leaves that is killed between the two files of its second shard
    Files.copy(folder.resolve("labels-00000.npy"), folder.resolve("labels-00001.npy"));

    FeatureShards resumed = FeatureShards.in(folder, 1);
    assertThat(resumed.imageCount()).isEqualTo(1);
    resumed.append(new FMatrixRMaj(2, 1, true, 5, 6), new int[] {3, 4});

    assertThat(FeatureShards.in(folder, 1).labels()).containsExactly(0, 3, 4);
  }

  @Test
  void refusesDamagedShardsAndOtherDimensions() throws IOException {
    FeatureShards.in(folder, 2).append(new FMatrixRMaj(2, 2), new int[] {0, 1});

    assertThatExceptionOfType(FeatureFileException.class)
        .isThrownBy(() -> FeatureShards.in(folder, 3))
        .withMessageContaining("features-00000.npy")
        .withMessageContaining("expected features of dimension 3, found 2 columns");
    byte[] whole = Files.readAllBytes(folder.resolve("labels-00000.npy"));
    Files.write(folder.resolve("labels-00000.npy"), Arrays.copyOf(whole, whole.length - 1));
    assertThatExceptionOfType(FeatureFileException.class)
        .isThrownBy(() -> FeatureShards.in(folder, 2))
        .withMessageContaining("labels-00000.npy");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                FeatureShards.in(folder.resolve("b"), 2)
                    .append(new FMatrixRMaj(1, 3), new int[] {0}))
        .withMessageContaining("1 labels and features 1x3");
  }

  private static String header(byte[] npy) {
    return new String(npy, 10, 118, StandardCharsets.US_ASCII).strip();
  }
}
