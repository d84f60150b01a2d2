/**
 * What a trained network is used for: errors on a validation set and features of a domain, both on
 * central crops as in the paper's section 5.1.3.
 */
@NullMarked
package dev.fgvc.nets.eval;

import org.jspecify.annotations.NullMarked;
