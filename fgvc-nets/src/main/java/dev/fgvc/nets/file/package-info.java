/** Files written whole or not at all. */
@NullMarked
package dev.fgvc.nets.file;

import org.jspecify.annotations.NullMarked;
