/** Files written whole or not at all, arrays in NumPy's format, and numbers as files hold them. */
@NullMarked
package dev.fgvc.file;

import org.jspecify.annotations.NullMarked;
