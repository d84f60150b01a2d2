package dev.fgvc.nets.cluster.c10d;

import java.time.Duration;
import org.bytedeco.pytorch.Backend;

/**
 * A process's place in a group that it has joined.
 *
 * @param timeout of each exchange
 * @param backend with a reference for whoever takes this
 */
record GroupMembership(
    int rank, int size, long bucketBytes, Duration timeout, LastWord lastWord, Backend backend) {}
