/** Tasks on threads of one's own, which no call leaves behind. For this library's modules. */
@NullMarked
package dev.fgvc.concurrent;

import org.jspecify.annotations.NullMarked;
