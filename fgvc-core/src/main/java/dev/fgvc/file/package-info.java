/** Files written whole or not at all, and arrays in NumPy's format. */
@NullMarked
package dev.fgvc.file;

import org.jspecify.annotations.NullMarked;
