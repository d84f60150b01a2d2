/**
 * Data sets as immutable values, and readers for the layouts they come in.
 *
 * <p>A {@link dev.fgvc.data.Dataset} is class names and labelled image paths; it opens no image.
 * {@link dev.fgvc.data.DatasetFolder} reads a folder with class sub-folders and two list files,
 * {@link dev.fgvc.data.ListFile} one list file, {@link dev.fgvc.data.ImageFolder} class sub-folders
 * alone; {@link dev.fgvc.data.OfficialDataset} reads the paper's data sets as they are published.
 * {@link dev.fgvc.data.DatasetVerification} looks into the images before a long run does. What is
 * wrong with a file is told by {@link dev.fgvc.data.DatasetFormatException}.
 */
@NullMarked
package dev.fgvc.data;

import org.jspecify.annotations.NullMarked;
