/** How long-running work tells its progress. */
@NullMarked
package dev.fgvc.progress;

import org.jspecify.annotations.NullMarked;
