/** Random numbers whose bits follow from the seed alone, whatever the Java that draws them. */
@NullMarked
package dev.fgvc.random;

import org.jspecify.annotations.NullMarked;
