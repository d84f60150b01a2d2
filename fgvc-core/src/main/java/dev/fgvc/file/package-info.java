/**
 * Files written whole or not at all, arrays in NumPy's format, protocol buffers, and numbers as
 * files hold them.
 */
@NullMarked
package dev.fgvc.file;

import org.jspecify.annotations.NullMarked;
