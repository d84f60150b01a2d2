/**
 * Native libraries that JavaCPP unpacks and loads: OpenCV, libtorch and ND4J. For this library's
 * own modules; an application has no use for it.
 *
 * <p>A module touches such a library only inside {@link dev.fgvc.natives.NativeLibrary#call}, which
 * loads it first, one process at a time, and turns what it throws into the module's own exception.
 */
@NullMarked
package dev.fgvc.natives;

import org.jspecify.annotations.NullMarked;
