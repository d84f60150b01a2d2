package dev.fgvc.nets.cluster.c10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.DeviceMemory;
import dev.fgvc.nets.engine.ProcessGroupException;
import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups whose ranks are threads of this process, connected over the loopback interface. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class GlooGroupTest {

  private static final int SIZE = 3;

  @TempDir private Path folder;

  private static GlooGroup.Builder member(int rank) {
    return GlooGroup.builder(rank, SIZE).timeout(Duration.ofMinutes(10));
  }

  private GlooGroup.Builder withFile(int rank) {
    return member(rank).store(folder.resolve("store"));
  }

  private static <T> List<T> run(
      Function<Integer, GlooGroup.Builder> members, Function<GlooGroup, T> task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(SIZE);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int rank = 0; rank < SIZE; rank++) {
        GlooGroup.Builder builder = members.apply(rank);
        running.add(
            threads.submit(
                () -> {
                  try (GlooGroup group = builder.join()) {
                    return task.apply(group);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> each : running) {
        results.add(each.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  private static List<Integer> values(ByteBuffer buffer) {
    List<Integer> values = new ArrayList<>();
    for (int i = buffer.position(); i < buffer.limit(); i++) {
      values.add((int) buffer.get(i));
    }
    return values;
  }

  /** All three exchanges, of what lies between position and limit. */
  private static List<List<Integer>> exchanges(GlooGroup group) {
    int rank = group.rank();
    ByteBuffer parts = bytes(99, 10 * rank, 10 * rank + 1, 10 * rank + 2, 99);
    parts.position(1).limit(4);
    ByteBuffer received = bytes(0, 0, 0);
    group.allToAll(parts, received);
    ByteBuffer gathered = bytes(0, 0, 0, 0, 0, 0);
    group.allGather(bytes(rank, -rank), gathered);
    ByteBuffer fromFirst = bytes(rank + 5);
    group.broadcast(fromFirst);
    return List.of(values(received), values(gathered), values(fromFirst));
  }

  private static void assertExchanged(List<List<List<Integer>>> ofRanks) {
    for (int rank = 0; rank < SIZE; rank++) {
      assertThat(ofRanks.get(rank))
          .containsExactly(
              List.of(rank, 10 + rank, 20 + rank), List.of(0, 0, 1, -1, 2, -2), List.of(5));
    }
  }

  @Test
  void ranksThatMeetByAFileExchangeBytesInTheirOrder() throws Exception {
    assertExchanged(run(this::withFile, GlooGroupTest::exchanges));
  }

  @Test
  void ranksThatMeetByAPortExchangeBytesInTheirOrder() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertExchanged(
        run(
            rank -> member(rank).storeOnAllInterfaces("127.0.0.1", port),
            GlooGroupTest::exchanges));
  }

  @Test
  void withAFileNothingListensButOnTheGivenAddress() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "open ports are only known on Linux");
    Set<String> before = listening();

    run(
        this::withFile,
        group -> {
          exchanges(group);
          try {
            Set<String> now = listening();
            now.removeAll(before);
            assertThat(now).isNotEmpty().allSatisfy(it -> assertThat(it).contains("0100007F:"));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
          return group;
        });
  }

  /** The addresses and ports on which this process listens. */
  private static Set<String> listening() throws IOException {
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : files.toList()) {
        try {
          sockets.add(Files.readSymbolicLink(file).toString());
        } catch (NoSuchFileException e) {
          // The other ranks and the JVM open and close files in the meantime.
        }
      }
    }
    Set<String> addresses = new HashSet<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9
            && fields[3].equals("0A")
            && sockets.contains("socket:[" + fields[9] + "]")) {
          addresses.add(fields[1]);
        }
      }
    }
    return addresses;
  }

  @Test
  void refusesARankThatHasJoinedBeforeUntilTheAttemptIsAnother() {
    try (GlooGroup group = GlooGroup.builder(0, 1).store(folder.resolve("alone")).join()) {
      assertThat(group.size()).isOne();
      assertThatExceptionOfType(ProcessGroupException.class)
          .isThrownBy(() -> GlooGroup.builder(0, 1).store(folder.resolve("alone")).join())
          .withMessageContaining("rank 0 has joined attempt 0")
          .withMessageContaining("give all processes the next number");
      GlooGroup.builder(0, 1).store(folder.resolve("alone")).attempt(1).join().close();
    }
  }

  @Test
  void aRankThatWaitsInVainSaysSo() {
    assertThatExceptionOfType(ProcessGroupException.class)
        .isThrownBy(() -> withFile(0).timeout(Duration.ofMillis(300)).join())
        .withMessageStartingWith("another process of the group does not answer in time")
        .withMessageContaining("joining rank 0 of 3 from 127.0.0.1 by " + folder.resolve("store"));
  }

  @Test
  void aRankThatDoesNotAnswerEndsTheOthersWhenTheTimeIsOut() throws Exception {
    CountDownLatch timeIsOut = new CountDownLatch(1);
    List<String> told =
        run(
            // Joining takes milliseconds, and more beside other work.
            rank -> rank == 0 ? withFile(0).timeout(Duration.ofSeconds(5)) : withFile(rank),
            group -> {
              if (group.rank() > 0) {
                Uninterruptibles.awaitUninterruptibly(timeIsOut);
              }
              if (group.rank() == 1) {
                return "";
              }
              try {
                group.broadcast(bytes(1));
                group.allGather(bytes(1), bytes(0, 0, 0));
                return "";
              } catch (ProcessGroupException e) {
                return e.getMessage();
              } finally {
                timeIsOut.countDown();
              }
            });

    assertThat(told.get(0))
        .startsWith("another process of the group does not answer in time")
        .contains("an exchange of rank 0 with 2 others")
        .endsWith("start all processes again; training goes on from the newest checkpoint");
    assertThat(told.get(2))
        .startsWith("rank 0: another process of the group does not answer in time");
  }

  /** A rank whose images cannot be read does so, at any place of its program. */
  @Test
  void aRankThatLeavesBetweenTwoExchangesEndsTheOthersAtOnce() throws Exception {
    List<Throwable> thrown =
        run(
            this::withFile,
            group -> {
              group.broadcast(bytes(1));
              return group.rank() == 1
                  ? new IllegalStateException("left")
                  : catchThrowable(() -> group.allGather(bytes(1), bytes(0, 0, 0)));
            });

    assertThat(List.of(thrown.get(0), thrown.get(2)))
        .allSatisfy(
            each ->
                assertThat(each)
                    .isInstanceOf(ProcessGroupException.class)
                    .hasMessageStartingWith("another process of the group has ended"));
  }

  /** One whose process goes on; the others wait, one of them for another one that waits. */
  @Test
  void aRankThatAbortsEndsTheOthersAtOnceInItsWords() throws Exception {
    List<Throwable> thrown =
        run(
            this::withFile,
            group -> {
              group.broadcast(bytes(1));
              if (group.rank() == 1) {
                group.abort("größere Bilder");
                group.abort("others");
              }
              return catchThrowable(() -> group.allGather(bytes(1), bytes(0, 0, 0)));
            });

    assertThat(thrown)
        .allSatisfy(
            each ->
                assertThat(each)
                    .isInstanceOf(ProcessGroupException.class)
                    .hasMessage(
                        "rank 1 has failed and ended the group: größere Bilder; start all"
                            + " processes again; training goes on from the newest checkpoint"));
  }

  /** Its own exchange goes on until the others come, and is the last. */
  @Test
  void aRankThatAbortsWhileItExchangesEndsTheOthersAfterThat() throws Exception {
    CountDownLatch aborted = new CountDownLatch(1);

    List<Throwable> thrown =
        run(
            this::withFile,
            group -> {
              if (group.rank() == 1) {
                CompletableFuture<Void> exchange =
                    CompletableFuture.runAsync(() -> group.allGather(bytes(1), bytes(0, 0, 0)));
                // So that it has begun, as a rule; the outcome is the same if not.
                Uninterruptibles.sleepUninterruptibly(300, TimeUnit.MILLISECONDS);
                group.abort("no memory");
                aborted.countDown();
                return catchThrowable(exchange::join);
              }
              Uninterruptibles.awaitUninterruptibly(aborted);
              return catchThrowable(
                  () -> {
                    group.allGather(bytes(1), bytes(0, 0, 0));
                    group.allGather(bytes(1), bytes(0, 0, 0));
                  });
            });

    assertThat(List.of(thrown.get(0), thrown.get(2)))
        .allSatisfy(
            each ->
                assertThat(each)
                    .isInstanceOf(ProcessGroupException.class)
                    .hasMessageContaining("rank 1 has failed and ended the group: no memory"));
  }

  @Test
  @SuppressWarnings("try") // the group is open for the other to find
  void refusesAnotherSizeThanTheFirstRankHas() {
    try (GlooGroup group = GlooGroup.builder(0, 1).store(folder.resolve("alone")).join()) {
      assertThatExceptionOfType(ProcessGroupException.class)
          .isThrownBy(() -> member(1).store(folder.resolve("alone")).join())
          .withMessage(
              "rank 1 was started as one of 3 processes, and another one of 1: give all the same"
                  + " size");
    }
  }

  /**
   * glibc fills freed memory with a pattern there, so that a process that uses it ends. Another C
   * library ignores the setting.
   */
  @Test
  void joiningAndLeavingUseNoFreedMemory() throws Exception {
    ProcessBuilder child =
        ChildJvm.of(
            List.of("-XX:ErrorFile=" + folder.resolve("error"), "-XX:-CreateCoredumpOnCrash"),
            JoiningAndLeaving.class,
            folder);
    child
        .environment()
        .put("GLIBC_TUNABLES", "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0");
    Path log = folder.resolve("log");
    Process process = child.redirectErrorStream(true).redirectOutput(log.toFile()).start();

    int status = process.waitFor();
    assertThat(status).as(Files.readString(log)).isZero();
  }

  /** Joins and leaves a group of two ranks ten times. */
  static final class JoiningAndLeaving {

    private JoiningAndLeaving() {}

    public static void main(String[] arguments) throws Exception {
      Path store = Path.of(arguments[0], "store");
      for (int attempt = 0; attempt < 10; attempt++) {
        List<CompletableFuture<Void>> ranks = new ArrayList<>();
        for (int rank = 0; rank < 2; rank++) {
          GlooGroup.Builder builder = GlooGroup.builder(rank, 2).store(store).attempt(attempt);
          ranks.add(
              CompletableFuture.runAsync(
                  () -> {
                    try (GlooGroup group = builder.join()) {
                      group.broadcast(bytes(1));
                    }
                  },
                  task -> new Thread(task).start()));
        }
        ranks.forEach(CompletableFuture::join);
      }
    }
  }

  /** Networks on the CPU exchange their tensors so. */
  @Test
  void exchangesWhatLiesInTheMemoryOfTheCpu() throws Exception {
    assertExchanged(
        run(
            this::withFile,
            group -> {
              int rank = group.rank();
              ByteBuffer parts = bytes(10 * rank, 10 * rank + 1, 10 * rank + 2);
              ByteBuffer received = bytes(0, 0, 0);
              group.allToAll(memory(parts), memory(received));
              ByteBuffer own = bytes(rank, -rank);
              ByteBuffer gathered = bytes(0, 0, 0, 0, 0, 0);
              group.allGather(memory(own), memory(gathered));
              ByteBuffer fromFirst = bytes(rank + 5);
              group.broadcast(memory(fromFirst));
              Reference.reachabilityFence(List.of(parts, own));
              return List.of(values(received), values(gathered), values(fromFirst));
            }));
  }

  private static DeviceMemory memory(ByteBuffer buffer) {
    return new DeviceMemory(Device.cpu(), new BytePointer(buffer).address(), buffer.remaining());
  }

  @Test
  void refusesTheMemoryOfAnotherDevice() {
    try (GlooGroup group = GlooGroup.builder(0, 1).store(folder.resolve("alone")).join()) {
      DeviceMemory other = new DeviceMemory(Device.cuda(1), 4096, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.broadcast(other))
          .withMessageContaining("memory of " + Device.cuda(1));
      assertThatIllegalArgumentException().isThrownBy(() -> group.allGather(other, other));
      assertThatIllegalArgumentException().isThrownBy(() -> group.allToAll(other, other));
    }
  }

  @Test
  void refusesWrongBuffers() {
    try (GlooGroup group = GlooGroup.builder(0, 1).store(folder.resolve("alone")).join()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.broadcast(ByteBuffer.allocate(1)))
          .withMessageContaining("use a direct one");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.allToAll(bytes(1, 2), bytes(1)))
          .withMessage("2 bytes to send and 1 to receive are not equal parts for 1 processes");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.allGather(bytes(1, 2), bytes(1)))
          .withMessage("2 bytes of each of 1 processes do not fit in 1");
    }
  }

  @Test
  @SuppressWarnings("try") // closed twice on purpose
  void refusesExchangesOnceItIsClosed() {
    try (GlooGroup group = GlooGroup.builder(0, 1).store(folder.resolve("closed")).join()) {
      group.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> group.broadcast(bytes(1)))
          .withMessage("this process has left the group");
    }
  }

  @Test
  void refusesWrongSettings() {
    assertThatIllegalArgumentException().isThrownBy(() -> GlooGroup.builder(3, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> member(0).attempt(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> member(0).timeout(Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> member(0).bucketBytes(4))
        .withMessage("buckets of 4 bytes: at least 4096; the property is in bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> member(0).storeOnAllInterfaces("127.0.0.1", 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> withFile(0).storeOnAllInterfaces("127.0.0.1", 1234))
        .withMessageContaining("cannot be all-interfaces:127.0.0.1:1234 too");
    assertThatIllegalStateException()
        .isThrownBy(() -> GlooGroup.builder(0, 1).join())
        .withMessageContaining("no store was set");
    assertThatIllegalStateException()
        .isThrownBy(GlooGroup::join)
        .withMessageContaining("fgvc.group.rank is not set");
  }
}
