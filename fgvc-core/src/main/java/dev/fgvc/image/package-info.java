/**
 * Images as numbers: decoding, crops, resizing and the resolution they end at.
 *
 * <p>An {@link dev.fgvc.image.ImageTransform} turns a JPEG, PNG or WebP file into the floats a
 * network reads: {@link dev.fgvc.image.CentralCrop} for evaluation, {@link
 * dev.fgvc.image.RandomCrop} for training, both step by step as the authors' programs do it. Files
 * are decoded by OpenCV, which a user adds to the class path; what cannot be decoded whole is
 * refused with an {@link dev.fgvc.image.ImageFormatException}.
 */
@NullMarked
package dev.fgvc.image;

import org.jspecify.annotations.NullMarked;
