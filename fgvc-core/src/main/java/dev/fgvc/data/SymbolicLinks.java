package dev.fgvc.data;

/** Where the symbolic links among the images of a data set may lead; the same for all readers. */
public enum SymbolicLinks {

  /**
   * Links must stay below the data set's root, as a list or an archive from elsewhere might
   * otherwise show any file of the machine. The root itself may be a link. The default.
   */
  WITHIN_ROOT,

  /** Links may lead anywhere, such as to photos on another disk that the user linked. */
  ANYWHERE
}
