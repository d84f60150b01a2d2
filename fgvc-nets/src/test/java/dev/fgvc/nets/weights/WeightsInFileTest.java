package dev.fgvc.nets.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that stay in their file. */
class WeightsInFileTest {

  private static final List<Integer> SHAPE = List.of(3, 5, 17, 260);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void needsFileKeys() throws IOException {
    file = folder.resolve("weights.safetensors");
    assumeTrue(
        Files.readAttributes(folder, BasicFileAttributes.class).fileKey() != null,
        "this file system gives files no identity, so all weights are read at once");
  }

  private static WeightTensor noise(List<Integer> shape, long seed) {
    Random random = new Random(seed);
    float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return WeightTensor.of(shape, values);
  }

  private Weights written(WeightTensor tensor) throws IOException {
    Weights.of(Map.of("a/weights", tensor)).write(file);
    return Weights.read(file);
  }

  @Test
  void takesFarLessOfTheHeapThanThereIsInTheFile() throws IOException {
    Weights.of(Map.of("a/weights", noise(List.of(1, 1, 2048, 2048), 1))).write(file);
    Weights.read(file); // classes are loaded
    FloatBuffer memory = direct(2048 * 2048);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    WeightTensor read = Weights.read(file).tensor("a/weights");
    read.copyTo(memory.clear());
    read.copyLastAxisFirst(memory.clear());
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).as("of a file of 16 MiB").isLessThan(1 << 20);
  }

  @Test
  void givesTheSameValuesAsFromMemory() throws IOException {
    WeightTensor tensor = noise(SHAPE, 2);
    Weights inFile = written(tensor);
    WeightTensor read = inFile.tensor("a/weights");

    assertSame(read, tensor);
    assertThat(inFile.sha256()).isEqualTo(Weights.of(Map.of("a/weights", tensor)).sha256());
    assertThat(Weights.fromBytes(inFile.toBytes()).sha256()).isEqualTo(inFile.sha256());
    assertThat(inFile.firstNotFinite()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"64,3,5,17", "600,40,1,1", "7,5000,3,1", "1,20000,1,1"})
  void bringsKernelsOfPyTorchToTheirOrder(int outputs, int inputs, int height, int width)
      throws IOException {
    WeightTensor theirs = noise(List.of(outputs, inputs, height, width), 3);
    Weights.of(Map.of("conv.weight", theirs)).write(file);
    float[] expected = new float[theirs.size()];
    int cells = height * width;
    float[] values = theirs.toArray();
    for (int i = 0; i < expected.length; i++) {
      int out = i % outputs;
      int in = i / outputs % inputs;
      int cell = i / outputs / inputs;
      expected[i] = values[(out * inputs + in) * cells + cell];
    }

    WeightTensor read;
    try (PyTorchTensors tensors = PyTorchTensors.open(file)) {
      read = tensors.tensor("conv.weight");
    }

    List<Integer> shape = List.of(height, width, inputs, outputs);
    assertSame(read, WeightTensor.of(shape, expected));
  }

  /** Compares bit by bit, in both orders and by all ways. */
  private static void assertSame(WeightTensor read, WeightTensor expected) {
    assertThat(read.shape()).isEqualTo(expected.shape());
    assertThat(read.toArray()).isEqualTo(expected.toArray());
    assertThat(read.values()).isEqualTo(expected.values());
    int outputs = read.shape().get(read.shape().size() - 1);
    int rows = read.size() / outputs;
    float[] values = expected.toArray();
    float[] outputsFirst = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      outputsFirst[i % outputs * rows + i / outputs] = values[i];
    }
    for (WeightTensor each : List.of(read, expected)) {
      FloatBuffer target = direct(each.size() + 2).position(1);
      each.copyLastAxisFirst(target);
      assertThat(target.remaining()).isEqualTo(1);
      float[] copied = new float[values.length];
      target.get(1, copied);
      assertThat(copied).isEqualTo(outputsFirst);
      assertThat(target.get(0)).isZero();
      assertThat(target.get(1 + copied.length)).isZero();
    }
  }

  private static FloatBuffer direct(int size) {
    return ByteBuffer.allocateDirect(Float.BYTES * size)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Test
  void refusesATargetThatIsTooSmall() throws IOException {
    WeightTensor read = written(noise(SHAPE, 4)).tensor("a/weights");
    FloatBuffer small = FloatBuffer.allocate(read.size() - 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.copyTo(small))
        .withMessageContaining("for room of");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.copyLastAxisFirst(small))
        .withMessageContaining("for room of");
  }

  @Test
  void staysAsItWasWhereTheFileIsReplacedOrDeleted() throws IOException {
    WeightTensor first = noise(SHAPE, 5);
    WeightTensor read = written(first).tensor("a/weights");

    Weights.of(Map.of("a/weights", noise(SHAPE, 6))).write(file);
    assertThat(read.toArray()).isEqualTo(first.toArray());
    Files.delete(file);
    assertThat(read.toArray()).isEqualTo(first.toArray());
  }

  @Test
  void noticesThatTheFileWasCutShort() throws IOException {
    WeightTensor read = written(noise(SHAPE, 7)).tensor("a/weights");
    byte[] half = Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) / 2);
    Files.write(file, half); // into the same file

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(read::toArray)
        .withMessageContaining(file.toString())
        .withMessageContaining("tensor 'a/weights'")
        .withMessageContaining("a file that was longer before");
  }

  @Test
  void noticesThatTheFileWasWrittenTo() throws IOException {
    WeightTensor read = written(noise(SHAPE, 8)).tensor("a/weights");
    FileTime before = Files.getLastModifiedTime(file);
    byte[] changed = Files.readAllBytes(file);
    changed[changed.length - 1] ^= 1;
    Files.write(file, changed);
    Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1000));

    assertThatExceptionOfType(WeightsFormatException.class)
        .isThrownBy(() -> read.copyTo(FloatBuffer.allocate(read.size())))
        .withMessageContaining(file.toString())
        .withMessageContaining("was changed after its weights were read");
  }

  @Test
  void aNetworkOfPyTorchStaysInItsFile() throws IOException {
    NetworkGraph graph = Architecture.INCEPTION_V3.builder().classes(10).build();
    Weights weights = Weights.initialize(graph, 9);
    Weights.of(StateDictionary.of(Architecture.INCEPTION_V3, weights)).write(file);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    Weights read = WeightsImport.pytorch(file).into(graph).weights();
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated)
        .as("of a file of %d bytes", Files.size(file))
        .isLessThan(Files.size(file) / 2);
    assertThat(read.sha256()).isEqualTo(weights.sha256());
  }
}
