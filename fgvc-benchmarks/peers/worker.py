"""One peer at work: the Python counterpart of dev.fgvc.benchmarks.peers.Worker, with the same protocol.

Writes {"ready": true} when all is prepared, then for each line "run" does its work once and writes
{"seconds": ..., "values": [...]}. Any other line ends it. If the peer cannot run here it writes
{"unavailable": "why"} instead. Only the work itself is timed.
"""

import importlib
import json
import os
import sys
import time

MODULES = {
    "transport": "peers_transport",
    "networks": "peers_networks",
    "loader": "peers_loader",
    "onnx": "peers_onnx",
    "job": "peers_job",
}


def require(device):
    if device != "cpu":
        import torch

        if not torch.cuda.is_available():
            raise NotImplementedError("PyTorch sees no GPU")


def main(arguments):
    name, *pairs = arguments
    settings = dict(pair.split("=", 1) for pair in pairs)
    module, function = name.split(".")
    # Libraries may print; only answers belong on the standard output.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        require(settings.get("device", "cpu"))
        work = getattr(importlib.import_module(MODULES[module]), function)(settings)
    except (ImportError, NotImplementedError) as reason:
        print(json.dumps({"unavailable": f"{type(reason).__name__}: {reason}"}), file=answers)
        return
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        if line.strip() != "run":
            break
        start = time.perf_counter()
        values = work()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "values": [float(value) for value in values]}), file=answers)


if __name__ == "__main__":
    main(sys.argv[1:])
