/**
 * The main job from end to end, small: what a reader copies first. This is the one place besides
 * the experiments where networks and domain similarity meet.
 */
@NullMarked
package dev.fgvc.nets.example;

import org.jspecify.annotations.NullMarked;
