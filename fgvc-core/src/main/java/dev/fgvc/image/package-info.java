/** Images as numbers: decoding, crops, resizing and the resolution they end at. */
@NullMarked
package dev.fgvc.image;

import org.jspecify.annotations.NullMarked;
