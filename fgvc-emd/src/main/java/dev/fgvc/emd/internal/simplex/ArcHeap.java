package dev.fgvc.emd.internal.simplex;

import java.util.Arrays;

/** A binary heap of arcs by key, the least first. */
final class ArcHeap {

  private double[] keys = new double[64];
  private int[] arcs = new int[64];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void push(double key, int arc) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, 2 * size);
      arcs = Arrays.copyOf(arcs, 2 * size);
    }
    int hole = size++;
    while (hole > 0 && keys[(hole - 1) / 2] > key) {
      move((hole - 1) / 2, hole);
      hole = (hole - 1) / 2;
    }
    keys[hole] = key;
    arcs[hole] = arc;
  }

  int pop() {
    int top = arcs[0];
    double key = keys[--size];
    int arc = arcs[size];
    int hole = 0;
    while (2 * hole + 1 < size) {
      int child = 2 * hole + 1;
      if (child + 1 < size && keys[child + 1] < keys[child]) {
        child++;
      }
      if (keys[child] >= key) {
        break;
      }
      move(child, hole);
      hole = child;
    }
    keys[hole] = key;
    arcs[hole] = arc;
    return top;
  }

  private void move(int from, int to) {
    keys[to] = keys[from];
    arcs[to] = arcs[from];
  }
}
