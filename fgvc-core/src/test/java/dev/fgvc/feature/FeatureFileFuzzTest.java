package dev.fgvc.feature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.testing.MutationFuzzer;
import dev.fgvc.testing.MutationFuzzer.Outcome;
import dev.fgvc.testing.MutationFuzzer.Reader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged feature files are read or refused, whatever they claim. */
class FeatureFileFuzzTest {

  private static final String[] WORDS = {
    "'descr': ",
    "'fortran_order': ",
    "'shape': ",
    "True",
    "False",
    "<f8",
    "|b1",
    ">i2",
    "<U7",
    "<V2",
    "|S3",
    "|O",
    "(6, 4)",
    "(24,)",
    "(1, 6)",
    "6L",
    "PK"
  };

  @TempDir Path folder;
  private Path features;
  private Path labels;

  @BeforeEach
  void writeWholeFiles() throws IOException {
    features = Files.write(folder.resolve("features.npy"), npy("<f4", "(6, 4)", 24));
    labels = Files.write(folder.resolve("labels.npy"), npy("<i8", "(6,)", 6));
  }

  private byte[] npy(String descr, String shape, int values) throws IOException {
    double[] numbers = new double[values];
    for (int i = 0; i < values; i++) {
      numbers[i] = 1 + i / 2;
    }
    return Files.readAllBytes(
        NpyBytes.write(folder.resolve("sample.npy"), descr, false, shape, numbers));
  }

  private List<byte[]> samples(String shape, int values, String... types) throws IOException {
    List<byte[]> samples = new ArrayList<>();
    for (String type : types) {
      samples.add(npy(type, shape, values));
    }
    return samples;
  }

  @Test
  void damagedFeatures() throws IOException {
    fuzz(
        "damaged-features.npy",
        file -> DomainFeatures.fromNpy("d", file, labels),
        samples("(6, 4)", 24, "<f4", ">f8", "<f2", "<V2", "|u1", "<i8"));
  }

  @Test
  void damagedMappedFeatures() throws IOException {
    fuzz(
        "damaged-mapped.npy",
        file -> {
          MappedFeatures rows = MappedFeatures.open(file);
          rows.copyRow(rows.count() - 1, new float[rows.dimension()], 0);
        },
        samples("(6, 4)", 24, "<f4"));
  }

  @Test
  void damagedLabels() throws IOException {
    List<byte[]> samples = samples("(6,)", 6, "<i8", ">i4", "|u1", "|b1", "<f8", "<f2");
    Path texts = folder.resolve("texts.npy");
    String header = "{'descr': '<U2', 'fortran_order': False, 'shape': (6,), }";
    samples.add(Files.readAllBytes(NpyBytes.write(texts, header, new byte[48])));
    fuzz("damaged-labels.npy", file -> DomainFeatures.fromNpy("d", features, file), samples);
  }

  @Test
  void damagedMeans() throws IOException {
    fuzz(
        "damaged-means.npy",
        file -> DomainFeatures.readNpy("d", file, labels),
        samples("(6, 4)", 24, "<f4", ">f8", "<f2", "<u8"));
  }

  @Test
  void damagedWeights() throws IOException {
    fuzz(
        "damaged-weights.npy",
        file -> DomainFeatures.readNpy("d", features, file),
        samples("(6,)", 6, "<i8", "<f4", "<u2"));
  }

  @Test
  void damagedArchives() throws IOException {
    Map<String, byte[]> arrays =
        Map.of("features", Files.readAllBytes(features), "labels", Files.readAllBytes(labels));
    fuzz(
        "damaged.npz",
        file -> DomainFeatures.fromNpz("d", file, "features", "labels"),
        List.of(
            NpyBytes.archive(ZipEntry.STORED, arrays),
            NpyBytes.archive(ZipEntry.DEFLATED, arrays)));
  }

  @Test
  void damagedArraysWithinWholeArchives() throws IOException {
    byte[] whole = Files.readAllBytes(labels);
    check(
        fuzzer(
                "damaged-within.npz",
                file -> DomainFeatures.fromNpz("d", file, "features", "labels"))
            .packedBy(
                bytes ->
                    NpyBytes.archive(ZipEntry.DEFLATED, Map.of("features", bytes, "labels", whole)))
            .run(samples("(6, 4)", 24, "<f4", "<f2"), MutationFuzzer.files(300)));
  }

  @Test
  void damagedShards() throws IOException {
    Path shards = folder.resolve("shards");
    FeatureShards.in(shards, 4).append(new FMatrixRMaj(6, 4), new int[6]);
    for (String name : List.of("features-00000.npy", "labels-00000.npy")) {
      Path place = shards.resolve(name);
      byte[] whole = Files.readAllBytes(place);
      fuzz(
          "shard-" + name,
          file -> {
            Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
            FeatureShards read = FeatureShards.in(shards, 4);
            read.features();
            read.labels();
          },
          List.of(whole));
      Files.write(place, whole);
    }
  }

  private MutationFuzzer fuzzer(String name, Reader reader) {
    return MutationFuzzer.of(folder.resolve(name), reader)
        .allowing(FeatureFileException.class)
        .withWords(WORDS);
  }

  private void fuzz(String name, Reader reader, List<byte[]> samples) {
    check(fuzzer(name, reader).run(samples, MutationFuzzer.files(300)));
  }

  private static void check(Outcome outcome) {
    assertThat(outcome.read()).as(outcome.toString()).isPositive();
    assertThat(outcome.refused()).as(outcome.toString()).isNotEmpty();
  }
}
