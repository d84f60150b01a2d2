package dev.fgvc.nets.cluster.c10d;

import com.google.common.net.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Store;

/** Where the processes of a group find each other's addresses. */
sealed interface GroupStore permits StoreInFile, StoreOnAllInterfaces {

  /** The beginning of the text of a store on all interfaces. */
  String ALL_INTERFACES = "all-interfaces:";

  /** Constructs the native store, in the pointer scope that is open; only Java may free it. */
  Store open(int rank, int size, int attempt, Duration timeout);

  /** The opposite of {@link Object#toString}. */
  static GroupStore parse(String text) {
    if (!text.startsWith(ALL_INTERFACES)) {
      return new StoreInFile(Path.of(text));
    }
    HostAndPort place = HostAndPort.fromString(text.substring(ALL_INTERFACES.length()));
    return new StoreOnAllInterfaces(place.getHost(), place.getPort());
  }

  static Milliseconds milliseconds(Duration time) {
    return new Milliseconds(time.toMillis());
  }
}
