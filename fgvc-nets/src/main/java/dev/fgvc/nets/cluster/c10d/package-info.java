/**
 * Training by several processes, over libtorch's c10d: a {@link
 * dev.fgvc.nets.cluster.c10d.GlooGroup} connects them, or a {@link
 * dev.fgvc.nets.cluster.c10d.NcclGroup} their GPUs, and {@link
 * dev.fgvc.nets.train.Trainer#withGroup} trains with it. {@link
 * dev.fgvc.nets.cluster.c10d.LocalWorkers} starts them on one machine; on several, each is started
 * by a command of its own. docs/cluster.md has both.
 */
@NullMarked
package dev.fgvc.nets.cluster.c10d;

import org.jspecify.annotations.NullMarked;
