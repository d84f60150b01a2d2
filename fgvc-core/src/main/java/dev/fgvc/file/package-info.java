/** Files written whole or not at all. */
@NullMarked
package dev.fgvc.file;

import org.jspecify.annotations.NullMarked;
