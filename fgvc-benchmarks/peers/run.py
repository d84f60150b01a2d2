#!/usr/bin/env python3
"""Runs our library and its peers in turns on the same files and records times, ratios and memory.

    python3 fgvc-benchmarks/peers/run.py --list
    python3 fgvc-benchmarks/peers/run.py                      # all cases
    python3 fgvc-benchmarks/peers/run.py --case emd-200x200   # one; others' results are kept
    python3 fgvc-benchmarks/peers/run.py --device cuda        # those of a GPU, into results-cuda.json

Needs target/benchmarks.jar (mvn package). Without --python it makes a virtual environment beside the
results and installs requirements.txt into it. Each side is a process of its own. After preparation and
warm-up the sides take turns, so that a busy moment of the machine meets all of them; the table has
medians. Results that disagree are recorded as such and get no ratio. What could not run says why.
"""

import argparse
import datetime
import json
import math
import os
import platform
import signal
import statistics
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULE = HERE.parent
RUNS = 5
# Warm-up, the same for every side: at least the case's number of runs and this many seconds of the chosen clock.
WARM_UP_SECONDS = 3.0
# After a first run as long as this there is no warm-up, unless the second shows that it was cold all the same: a GPU's
# first training step, in which cuDNN tries its algorithms, takes a hundred times as long as the next.
LONG_RUN = 15.0


class Process:
    """A worker and what it has said so far."""

    def __init__(self, side, command, environment, log, limit, clock):
        self.side = side
        self.limit = limit
        self.clock = clock
        self.command = command
        self.seconds = []
        self.values = None
        self.problem = None
        self.peak = None
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        )
        answer = self._answer()
        if answer and "ready" not in answer:
            self.problem = answer.get("unavailable", f"unexpected answer {answer}")

    def _answer(self):
        start = time.monotonic()
        timer = threading.Timer(self.limit, self.process.kill)
        timer.daemon = True  # else being told to stop would wait for it
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if line:
            return json.loads(line)
        code = self.process.wait()
        late = time.monotonic() - start >= self.limit
        self.problem = f"took more than {self.limit:.0f} s" if late else f"ended with exit code {code}; see the log"
        return None

    def run(self):
        """One run's seconds, or None where the worker has failed."""
        before = cpu_seconds(self.process.pid) if self.clock == "cpu" else 0
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        answer = self._answer()
        if answer is None:
            return None
        self.values = self.values or answer["values"]
        self.peak = peak_bytes(self.process.pid)
        return cpu_seconds(self.process.pid) - before if self.clock == "cpu" else answer["seconds"]

    def warm_up(self, least, least_seconds):
        total = 0
        runs = 0
        while self.problem is None:
            seconds = self.run()
            runs += 1
            if seconds is None:
                return
            total += seconds
            if self.side.once:
                self.seconds.append(seconds)
                return
            if runs == 1 and seconds > LONG_RUN:
                self.seconds.append(seconds)
                self.measure()
                if self.seconds[-1] > seconds / 2:
                    return
                self.seconds.clear()
                runs += 1
            if runs >= least and total > least_seconds:
                return

    def measure(self):
        seconds = self.run()
        if seconds is not None:
            self.seconds.append(seconds)

    def end(self):
        if self.process.poll() is None:
            try:
                self.process.communicate("end\n", timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def peak_bytes(pid):
    """The high-water marks of resident memory, children included; known on Linux alone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    own = sum(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    return own + sum(peak_bytes(child) or 0 for child in children)


def busy_seconds():
    """Processor time that all programs of the machine have had; known on Linux alone."""
    try:
        user, nice, system = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4]
    except OSError:
        return None
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def own_seconds(pid):
    """Processor time of a process, its children included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK") + sum(map(own_seconds, children))


def cpu_seconds(pid):
    """Processor time of a process to the nanosecond, ended threads included; known on Linux alone.

    Threads of a Java virtual machine's compiler do not count: what they do belongs to the warm-up, though it may go on
    for minutes.
    """
    # The clock's number is made as clock_getcpuclockid does.
    return time.clock_gettime(~pid << 3 | 2) - compiler_seconds(pid)


def compiler_seconds(pid):
    """Processor time of the threads that compile in a Java virtual machine; 0 in other processes."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            if (task / "comm").read_text().startswith(("C1 Compiler", "C2 Compiler")):
                total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            pass  # has ended, or the kernel keeps no such numbers
    return total / 1e9


class OtherPrograms:
    """What part of the processors the rest of the machine took while the sides ran."""

    def __init__(self):
        self.start = time.monotonic()
        self.before = self._others()

    def _others(self):
        busy = busy_seconds()
        # The sides are children of this process.
        return None if busy is None else busy - own_seconds(os.getpid())

    def share(self):
        if self.before is None:
            return None
        passed = (time.monotonic() - self.start) * os.cpu_count()
        if passed < 1:
            return None  # nothing ran, and the clocks of the processors are coarse
        return max(0.0, (self._others() - self.before) / passed)


def difference(values, reference):
    """Relative difference in the Euclidean norm."""
    if len(values) != len(reference):
        return math.inf
    norm = math.sqrt(sum(x * x for x in reference))
    distance = math.sqrt(sum((x - y) ** 2 for x, y in zip(values, reference)))
    return distance / norm if norm else distance


def compare(case, options, environment):
    from inputs import prepared

    folder = prepared(options.work, case.kind, case.inputs, options.seed)
    start = time.monotonic()
    print(f"{case.name}: {case.title}", flush=True)
    with open(options.work / "workers.log", "a") as log:
        log.write(f"--- {case.name}\n")
        log.flush()
        processes = []
        try:
            for side in [case.ours, *case.peers]:
                command = side_command(side, folder, options, options.heap or case.heap, case.flags)
                process = Process(side, command, environment, log, options.limit, options.clock)
                processes.append(process)
                process.warm_up(case.warm_up_runs, options.warm_up)
            others = OtherPrograms()
            for _ in range(options.runs):
                for process in processes:
                    late = time.monotonic() - start > options.budget and process.seconds
                    slow = process.side.once and process.seconds
                    if process.problem is None and not late and not slow:
                        process.measure()
            share = others.share()
            if share is not None and share > 0.1:
                print(f"    other programs took {100 * share:.0f} % of the processors: not a quiet machine", flush=True)
        except BaseException:
            for process in processes:
                process.process.kill()
            raise
        for process in processes:
            process.end()
    expected = json.loads((folder / case.expected).read_text()) if case.expected else None
    return {**record(case, processes, expected), "otherPrograms": share}


def side_command(side, folder, options, heap, flags):
    settings = {"folder": folder, "threads": options.threads, **side.settings}
    pairs = [f"{key}={value}" for key, value in settings.items()]
    if "." in side.work:
        return [str(options.python), str(HERE / "worker.py"), side.work, *pairs]
    # The second limit would be compared with the process's memory at each native object; docs/native-libraries.md says what it costs.
    limits = ["-Dorg.bytedeco.javacpp.maxBytes=12g", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"]
    others = ["-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"]
    main = ["-cp", str(options.jar), "dev.fgvc.benchmarks.peers.Worker"]
    return [options.java, f"-Xmx{heap}", *limits, *flags, *others, *main, side.work, *pairs]


def record(case, processes, expected):
    """Sides agree when they agree with us, or, where the inputs hold what is expected, all with that."""
    ours = processes[0]
    reference = expected or ours.values
    ours_right = ours.values is not None and (
        expected is None or difference(ours.values, expected) <= case.tolerance
    )
    ours_median = statistics.median(ours.seconds) if ours.seconds else None
    sides = []
    for process in processes:
        entry = {"label": process.side.label, "runs": process.seconds, "peakBytes": process.peak}
        if process.problem:
            entry["problem"] = process.problem
        if process.seconds:
            entry["medianSeconds"] = statistics.median(process.seconds)
        if process.values and reference and (expected or process is not ours):
            entry["difference"] = difference(process.values, reference)
            entry["agrees"] = entry["difference"] <= case.tolerance
            if process is not ours and entry["agrees"] and ours_right and ours_median:
                entry["ratio"] = entry["medianSeconds"] / ours_median
        sides.append(entry)
        print("   ", summary(entry), flush=True)
    return {
        "name": case.name,
        "title": case.title,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "tolerance": case.tolerance,
        "unit": case.unit,
        "amount": case.amount,
        "sides": sides,
    }


def summary(entry):
    if "medianSeconds" not in entry:
        return f"{entry['label']}: {entry.get('problem', 'not run')}"
    text = f"{entry['label']}: {entry['medianSeconds']:.4f} s over {len(entry['runs'])}"
    if entry.get("peakBytes"):
        text += f", {entry['peakBytes'] / 2**20:.0f} MiB"
    if "ratio" in entry:
        text += f", {entry['ratio']:.2f} times ours, difference {entry['difference']:.1e}"
    elif "agrees" in entry and not entry["agrees"]:
        text += f", DISAGREES by {entry['difference']:.1e}"
    return text


def heaps(cases):
    """Such as 4g for emd and loader, 160m with -XX:+UseSerialGC for training."""
    kinds = {}
    for case in cases:
        kind = case.name.removeprefix("cuda-").split("-")[0]
        flags = f" with {' '.join(case.flags)}" if case.flags else ""
        kinds.setdefault(case.heap + flags, {})[kind] = None
    return ", ".join(f"{heap} for {' and '.join(names)}" for heap, names in kinds.items())


def machine(options, cases):
    model = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        memory = None
    java = subprocess.run([options.java, "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    return {
        "processor": model,
        "processors": os.cpu_count(),
        "memoryBytes": memory,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "java": java,
        "python": platform.python_version(),
        "threads": options.threads,
        "clock": options.clock,
        "heap": options.heap or heaps(cases),
        "requirements": installed(options.python),
        "gpu": gpu() if options.device == "cuda" else None,
    }


# Prints the version of each package that is named, or an empty line.
VERSIONS = """
import importlib.metadata, sys
for name in sys.argv[1:]:
    try:
        print(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        print()
"""


def installed(python):
    """The peers' packages as their interpreter has them, which another one than ours may have in other versions."""
    names = [line.split("==")[0] for line in (HERE / "requirements.txt").read_text().splitlines() if "==" in line]
    printed = subprocess.run([python, "-c", VERSIONS, *names], capture_output=True, text=True, check=True).stdout
    return [f"{name}=={version}" if version else f"no {name}" for name, version in zip(names, printed.splitlines())]


def gpu():
    try:
        import torch
    except ImportError:
        return None
    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def environment_of_peers(options):
    """The interpreter with the pinned peers, made if need be."""
    folder = options.work / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = folder / "installed.txt"
    requirements = HERE / "requirements.txt"
    if not done.exists() or done.read_text() != requirements.read_text():
        print(f"installing {requirements.name} into {folder}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
        done.write_text(requirements.read_text())
    return python


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", help="name, or the start of several; may be repeated")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="cuda has cases of its own")
    parser.add_argument("--list", action="store_true", help="print the names of all cases")
    parser.add_argument("--work", type=Path, default=MODULE / "target" / "peers", help="inputs, logs and environment")
    parser.add_argument("--output", type=Path, help="results.json beside the inputs, results-cuda.json for a GPU's")
    parser.add_argument("--python", type=Path, help="an interpreter that has requirements.txt already")
    parser.add_argument("--java", default="java")
    parser.add_argument("--jar", type=Path, default=MODULE / "target" / "benchmarks.jar")
    parser.add_argument("--heap", help="-Xmx of our side, in place of the cases' own")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of every side")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu for a machine in use")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--warm-up", type=float, default=WARM_UP_SECONDS, help="seconds before the first run that counts")
    parser.add_argument("--budget", type=float, default=240, help="seconds after which a case runs nothing twice")
    parser.add_argument("--limit", type=float, default=1000, help="seconds after which one run is given up")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.output is None:
        options.output = options.work / ("results.json" if options.device == "cpu" else "results-cuda.json")
    return options


def main():
    options = parsed()
    # Being told to stop ends the workers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    from cases import CASES, GPU_CASES

    cases = GPU_CASES if options.device == "cuda" else CASES
    chosen = [c for c in cases if not options.case or any(c.name.startswith(start) for start in options.case)]
    if options.list:
        print("\n".join(f"{case.name:32} {case.title}" for case in chosen))
        return
    if not chosen:
        sys.exit(f"no case starts with any of {options.case}; --list shows them")
    if not options.jar.exists():
        sys.exit(f"{options.jar} is not there: build it with mvn package")
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.python is None:
        options.python = environment_of_peers(options)
        # The inputs need NumPy too: go on in the environment that has it.
        os.execv(options.python, [str(options.python), __file__, *sys.argv[1:], "--python", str(options.python)])
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "MKL_NUM_THREADS": str(options.threads)}
    results = json.loads(options.output.read_text()) if options.output.exists() else {"cases": {}}
    results["machine"] = machine(options, cases)
    for case in chosen:
        measured = {**results["cases"], case.name: compare(case, options, environment)}
        # In the order of the list, whichever was measured last.
        results["cases"] = {each.name: measured[each.name] for each in cases if each.name in measured}
        options.output.parent.mkdir(parents=True, exist_ok=True)
        temporary = options.output.with_suffix(".tmp")
        temporary.write_text(json.dumps(results, indent=1))
        temporary.replace(options.output)


if __name__ == "__main__":
    main()
