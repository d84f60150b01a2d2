package dev.fgvc.nets.cluster.c10d;

import com.google.common.net.HostAndPort;
import java.time.Duration;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/** A TCPStore, which listens on all interfaces of rank 0's machine. */
record StoreOnAllInterfaces(String host, int port) implements GroupStore {

  StoreOnAllInterfaces {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not from 1 to 65535");
    }
  }

  @Override
  public Store open(int rank, int size, int attempt, Duration timeout) {
    TCPStoreOptions options = new TCPStoreOptions();
    options.port((short) port); // its bits, as Java has no unsigned short
    options.isServer(rank == 0);
    options.waitWorkers(false);
    options.timeout(GroupStore.milliseconds(timeout));
    return new TCPStore(host, options);
  }

  @Override
  public String toString() {
    return ALL_INTERFACES + HostAndPort.fromParts(host, port);
  }
}
