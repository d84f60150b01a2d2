/**
 * Networks as engines hand them out: no native library's exception reaches a caller as it is. Each
 * method of a network or of class sums runs inside {@link dev.fgvc.natives.NativeLibrary#call},
 * which makes an {@link dev.fgvc.nets.engine.EngineException} of it. Images with pixels that are no
 * numbers are refused before. For engines and backbones; an application has no use for it.
 */
@NullMarked
package dev.fgvc.nets.engine.guard;

import org.jspecify.annotations.NullMarked;
