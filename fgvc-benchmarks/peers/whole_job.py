#!/usr/bin/env python3
"""Times whole programs in turns, from the start of a process to the first logits or the similarity of two domains.

    python3 fgvc-benchmarks/peers/whole_job.py --python venv/bin/python
    python3 fgvc-benchmarks/peers/whole_job.py --source photos/flowers --target photos/food --python venv/bin/python

Without domains the work is the logits of one drawn image. Each domain is a folder of class folders with a train.txt
(file: label). The network is Inception-v3 with weights drawn from a seed, which both sides read; --weights takes a
state dictionary of timm instead. Prints wall time, CPU time and the peak of resident memory of each process and its
children, and the first two values.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from run import HERE, MODULE, difference, peak_bytes

# Decoders and filters differ by rounding.
TOLERANCE = 2e-2


def run(command, environment):
    """Seconds, CPU seconds, peak bytes and the values of one process."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    peak = [0]
    over = threading.Event()

    def watch():
        while not over.wait(0.05):
            peak[0] = max(peak[0], peak_bytes(process.pid) or 0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        ready = process.stdout.readline()
        if "ready" not in ready:
            sys.exit(f"{command[0]}: {ready or 'ended early'}")
        process.stdin.write("run\n")
        process.stdin.flush()
        values = json.loads(process.stdout.readline())["values"]
        seconds = time.monotonic() - start
    finally:
        over.set()
        watcher.join()
        process.stdin.close()
    usage = os.wait4(process.pid, 0)[2]
    return seconds, usage.ru_utime + usage.ru_stime, peak[0], values


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--target", type=Path)
    parser.add_argument("--weights", type=Path, help="a state dictionary of timm's inception_v3")
    parser.add_argument("--side", type=int, default=299)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of libraries, and workers that decode")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=MODULE / "target" / "peers")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has requirements.txt")
    parser.add_argument("--java", default="java")
    parser.add_argument("--jar", default=str(MODULE / "target" / "benchmarks.jar"))
    parser.add_argument("--heap", default="512m")
    options = parser.parse_args()
    if (options.source is None) != (options.target is None):
        parser.error("--source and --target go together")
    return options


def main():
    options = parsed()
    if options.weights is None:
        from inputs import prepared

        inputs = {"network": "inception_v3", "batch": 8, "side": options.side, "classes": 1000}
        options.weights = prepared(options.work, "network", inputs, 1) / "weights.safetensors"
    names = ["weights", "side", "threads"]
    ours, theirs = "first-logits", "job.first_logits"
    if options.source is not None:
        names += ["source", "target"]
        ours, theirs = "whole-job", "job.similarity"
    settings = [f"{name}={getattr(options, name)}" for name in names]
    limits = ["-Dorg.bytedeco.javacpp.maxBytes=12g", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"]
    worker = ["-cp", options.jar, "dev.fgvc.benchmarks.peers.Worker", ours]
    sides = {
        "fgvc": [options.java, f"-Xmx{options.heap}", *limits, *worker, *settings],
        "timm, DataLoader and POT": [options.python, str(HERE / "worker.py"), theirs, *settings],
    }
    threads = str(options.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    runs = {name: [] for name in sides}
    for _ in range(options.runs):
        for name, command in sides.items():
            runs[name].append(run(command, environment))
    reference = next(iter(runs.values()))[0][3]
    for name, taken in runs.items():
        seconds, cpu, peak, values = zip(*taken)
        print(
            f"{name}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), "
            f"CPU {statistics.median(cpu):.2f} s ({min(cpu):.2f} to {max(cpu):.2f}), "
            f"{max(peak) / 2**20:.0f} MiB, {values[0][0]:.6f}, {values[0][1]:.6f}"
        )
        if difference(values[0], reference) > TOLERANCE:
            print(f"    DISAGREES by {difference(values[0], reference):.1e}")


if __name__ == "__main__":
    main()
