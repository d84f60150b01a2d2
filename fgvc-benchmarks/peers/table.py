#!/usr/bin/env python3
"""Turns the results of run.py into a Markdown table, ratios in front.

    python3 fgvc-benchmarks/peers/table.py                    # prints it
    python3 fgvc-benchmarks/peers/table.py --page docs/benchmarks.md # replaces what stands between the markers there (docs/gpu.md for a GPU)

The results of a GPU (--results) have markers of their own.
"""

import argparse
import json
import sys
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent


def seconds(value):
    if value < 1:
        return f"{1000 * value:.3g} ms"
    return f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


def cell(side):
    """What a side took, and how sure that is."""
    if "medianSeconds" not in side:
        return "–"
    runs = side["runs"]
    spread = f" ({seconds(min(runs))} to {seconds(max(runs))})" if len(runs) > 1 else " (one run)"
    return seconds(side["medianSeconds"]) + spread


def memory(side):
    return f"{side['peakBytes'] / 2**20:.0f}" if side.get("peakBytes") else "–"


def verdict(side):
    if "ratio" in side:
        return f"**{side['ratio']:.2f}**"
    if side.get("agrees") is False:
        return f"none: differs by {side['difference']:.1e}"
    return "not run"


def rows(case):
    ours, *peers = case["sides"]
    for peer in peers:
        yield [verdict(peer), case["title"], peer["label"], cell(ours), cell(peer), f"{memory(ours)} / {memory(peer)}"]


def described(machine):
    memory_text = f"{machine['memoryBytes'] / 2**30:.0f} GB" if machine["memoryBytes"] else "unknown memory"
    java = machine["java"].replace('"', "")
    gpu = f", one {machine['gpu']}" if machine.get("gpu") else ""
    return (
        f"{machine['processors']} processors ({machine['processor']}), {memory_text}{gpu}, {machine['system']}; "
        f"{java}, heap {machine['heap']}; Python {machine['python']}; {machine['threads']} threads for every side; "
        f"{', '.join(machine['requirements'])}"
    )


def markdown(results):
    cases = list(results["cases"].values())
    dates = sorted({case["date"] for case in cases})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    time = "CPU time, that of all threads," if results["machine"].get("clock") == "cpu" else "time"
    lines = [
        f"Measured {when} on {described(results['machine'])}. The ratio is the peer's median {time} over ours: above 1",
        "we are faster. Each side is a process of its own; they take turns on the same files, after a warm-up of the same",
        "rule for all, and a ratio is given only where the results agree. Memory is the peak of the whole process, inputs",
        "and preparation included; a JVM keeps what its heap limit lets it.",
        "",
        "| theirs / ours | work | peer | ours, median (range) | theirs, median (range) | peak MiB, ours / theirs |",
        "|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(row) + " |" for case in cases for row in rows(case)]
    busy = [case for case in cases if (case.get("otherPrograms") or 0) > 0.1]
    if busy:
        lines += ["", "Other programs took more than a tenth of the processors meanwhile:", ""]
        lines += [f"- {100 * case['otherPrograms']:.0f} %: {case['title']}" for case in busy]
    problems = [
        f"- {side['label']}, {case['title']}: {side['problem']}"
        for case in cases
        for side in case["sides"]
        if side.get("problem")
    ]
    if problems:
        lines += ["", "Could not be run:", "", *problems]
    return "\n".join(lines)


def markers(results):
    where = "benchmarks on a GPU" if results["machine"].get("gpu") else "benchmarks"
    return f"<!-- {where}: begin -->", f"<!-- {where}: end -->"


def replace(page, text, begin, end):
    """The page with a new text between its markers; nothing else changes."""
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"the page has no lines {begin} and {end}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=MODULE / "target" / "peers" / "results.json")
    parser.add_argument("--page", type=Path, help="file to change in place")
    options = parser.parse_args()
    results = json.loads(options.results.read_text())
    text = markdown(results)
    if options.page is None:
        print(text)
        return
    try:
        options.page.write_text(replace(options.page.read_text(), text, *markers(results)))
    except ValueError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
