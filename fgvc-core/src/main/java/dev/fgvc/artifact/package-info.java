/**
 * The Maven artifacts that a user adds to the class path for what he needs, with the versions that
 * belong together: {@link dev.fgvc.artifact.MissingArtifactException} names those that are missing,
 * {@link dev.fgvc.artifact.ClassPathReport} tells what is there.
 */
@NullMarked
package dev.fgvc.artifact;

import org.jspecify.annotations.NullMarked;
