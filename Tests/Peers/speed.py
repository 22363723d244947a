"""Times Loam and the engines that people use on the same networks: whole processes, in turn, round after round.

In a round every engine runs every network once with each number of threads, in a process of its own that loads it, runs it
once, and then RUNS times; the next round goes the other way round. So whatever the machine does besides hits all alike.
A ratio is taken within a round; told are its median and, in brackets, the least and the greatest. Loam's part is
`loam bench`. Loading and the first run leave out the start of the process and the import of a library, which is longer
with the others. The class that each finds in the photo shows that it runs the network. Prints Markdown; a target that is missed says so, and is no error.
"""

import argparse
import fcntl
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
MEBIBYTE = 1 << 20

# By network: what Loam imports, how, and the engines with their files. LiteRT is what the others are held against.
NETWORKS = {
    "EfficientNet-Lite0 int8": ("lite0.tflite", ["--mean", "127", "--deviation", "128"], {
        "LiteRT + XNNPACK": ("litert", "lite0.tflite"),
        "ONNX Runtime, u8s8 QDQ": ("onnxruntime", "lite0-u8s8.onnx"),
        "ONNX Runtime, s8s8 QDQ": ("onnxruntime", "lite0-s8s8.onnx"),
        "OpenVINO, u8s8 QDQ": ("openvino", "lite0-u8s8.onnx"),
        "MNN": ("mnn", "lite0.mnn"),
        "ncnn": "its wheel has no ncnn2table and ncnn2int8, which make its int8 models",
    }),
    "MobileNetV2 int8": ("mobilenet-v2.tflite", [], {
        "LiteRT + XNNPACK": ("litert", "mobilenet-v2.tflite"),
        "ONNX Runtime": "it reads no .tflite, and tf2onnx needs TensorFlow",
        "OpenVINO": ("openvino", "mobilenet-v2.tflite"),
        "MNN": "what it makes of the file takes bytes, which its Python does not hand over",
        "ncnn": "it reads no .tflite",
    }),
}
LOAM, LITERT = "Loam", "LiteRT + XNNPACK"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loam", required=True, type=lambda name: pathlib.Path(name).resolve(), help="the program, built for release")
    parser.add_argument("--models", required=True, type=pathlib.Path, help="the folder of speed_models.py")
    parser.add_argument("--rounds", type=int, default=15, help="default: 15")
    parser.add_argument("--runs", type=int, default=100, help="measured runs of a process (default: 100)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="default: 1 2")
    parser.add_argument("--network", action="append", help="only networks whose name has this in it")
    parser.add_argument("--json", type=pathlib.Path, help="where all single figures go")
    options = parser.parse_args()
    figures = {}
    for name, (source, settings, peers) in NETWORKS.items():
        if options.network and not any(part.lower() in name.lower() for part in options.network):
            continue
        print(f"## {name}\n", flush=True)
        figures[name] = measure(options, source, settings, peers)
        tell(options, figures[name])
    memory(options)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "figures": figures}, indent=1))
    print(f"\n{machine()}; {options.rounds} rounds of {options.runs} runs.")


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), os.uname().machine)
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    best = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx_vnni") if name in flags]
    return f"{model}, {os.cpu_count()} processors, {' '.join(best) or 'no vectors known'}"


def measure(options, source, settings, peers):
    """{engine: {threads: [what each round found]}}; an engine that cannot run has a sentence instead."""
    commands, result = {}, {}
    imported, reason = loam_model(options, source, settings)
    if imported:
        commands[LOAM] = lambda threads, runs: [
            options.loam, "bench", imported, "--threads", threads, "--runs", runs, "--json"]
    else:
        result[LOAM] = reason
    for label, peer in peers.items():
        if isinstance(peer, str):
            result[label] = peer
        elif not (options.models / peer[1]).exists():
            result[label] = missing(options.models / peer[1])
        else:
            commands[label] = lambda threads, runs, peer=peer: [
                sys.executable, HERE / "speed_engine.py", peer[0], options.models / peer[1], threads, runs,
                options.models / "pixels.npy"]
    # A round that is not counted fills the caches and shows what cannot run at all.
    for label, command in commands.items():
        result[label] = {}
        for threads in options.threads:
            found = once(command(threads, 1))
            result[label][threads] = [] if isinstance(found, dict) else found
    can_run = any(isinstance(rounds, list) for rounds in result[LOAM].values()) if imported else False
    tops = {LOAM: top(options, imported)} if can_run else {}
    for number in range(options.rounds):
        for threads in options.threads:
            for label, command in list(commands.items())[:: 1 if number % 2 == 0 else -1]:
                rounds = result[label][threads]
                if isinstance(rounds, str):
                    continue
                found = once(command(threads, options.runs))
                if isinstance(found, str):
                    raise SystemExit(f"speed: {label}, {threads} threads, stopped working: {found}")
                rounds.append(found)
                tops.setdefault(label, found.get("top"))
    result["tops"] = tops
    return result


def loam_model(options, source, settings):
    """The .loam file of `source`, or None and why there is none."""
    path, target = options.models / source, (options.models / source).with_suffix(".loam")
    if not path.exists():
        return None, missing(path)
    run = subprocess.run(
        [options.loam, "import", path, "--output", target, *settings], capture_output=True, text=True, check=False)
    return (target, None) if run.returncode == 0 else (None, last(run.stderr))


def missing(path):
    why = path.with_name(path.name + ".why")
    return f"{path.name} could not be made: {why.read_text().strip()}" if why.exists() else f"there is no {path.name}"


def last(text):
    """What went wrong: the line that says "Error", else the last one."""
    lines = text.strip().splitlines() or ["no word about it"]
    return next((line for line in lines if line.startswith("Error")), lines[-1])[:300]


def once(command):
    """What one process printed; a sentence if it failed."""
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return last(run.stderr)
    return json.loads(run.stdout[run.stdout.index("{") :])


def top(options, model):
    """The class that Loam finds in the photo, with which the others can be compared."""
    import numpy as np

    result = options.models / "logits.npy"
    subprocess.run(
        [options.loam, "infer", model, "--input", options.models / "pixels.npy", "--output", result, "--tensor", "logits"],
        check=True)
    return int(np.load(result).ravel()[-1000:].argmax())


def tell(options, figures):
    """The table of one network and its targets."""
    tops = figures["tops"]
    print("| Engine | threads | load + first ms | min ms | median ms | p90 ms | ÷ LiteRT | peak MiB (above import) | class |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for label, found in figures.items():
        if label == "tops":
            continue
        if isinstance(found, str):
            print(f"| {label} | | not run: {found} | | | | | | |")
            continue
        for threads, rounds in found.items():
            if isinstance(rounds, str):
                print(f"| {label} | {threads} | not run: {rounds} | | | | | | |")
            elif rounds:
                print(row(label, threads, rounds, of(figures, LITERT, threads), tops.get(label)))
    print()
    for text in targets(options, figures):
        print(f"- {text}")
    print(flush=True)


def of(figures, label, threads):
    """The rounds of one engine, or nothing."""
    found = figures.get(label)
    rounds = found.get(threads) if isinstance(found, dict) else None
    return rounds if isinstance(rounds, list) else []


def row(label, threads, rounds, litert, best):
    def middle(name):
        return statistics.median(item[name] for item in rounds)

    above = f" ({middle('above_import_bytes') / MEBIBYTE:.0f})" if "above_import_bytes" in rounds[0] else ""
    return (
        f"| {label} | {threads} | {middle('load_ms'):.1f} + {middle('first_ms'):.1f} | {min(i['min_ms'] for i in rounds):.2f} "
        f"| {middle('median_ms'):.2f} | {middle('p90_ms'):.2f} | {spread(ratios(rounds, litert, warm))} "
        f"| {middle('peak_rss_bytes') / MEBIBYTE:.0f}{above} | {'' if best is None else best} |")


def warm(item):
    return item["median_ms"]


def cold(item):
    return item["load_ms"] + item["first_ms"]


def ratios(ours, theirs, figure):
    return [figure(a) / figure(b) for a, b in zip(ours, theirs)]


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})" if values else ""


def targets(options, figures):
    """A line for each target: what is wanted, what was found, and whether that meets it."""

    def line(text, values, is_met):
        if not values:
            return f"{text}: not run"
        return f"{text}: {spread(values)}, {'met' if is_met(statistics.median(values)) else 'missed'}"

    ours = of(figures, LOAM, 1)
    yield line("one thread, median at most 0.70 of LiteRT's", ratios(ours, of(figures, LITERT, 1), warm), lambda v: v <= 0.7)
    others = {label: rounds for label in figures if label not in (LOAM, LITERT, "tops") and (rounds := of(figures, label, 1))}
    if others:
        fastest = min(others, key=lambda label: statistics.median(warm(item) for item in others[label]))
        yield line(f"faster than the fastest of the others, {fastest}", ratios(ours, others[fastest], warm), lambda v: v < 1)
    if 2 in options.threads:
        yield line("two threads at least 1.8 times as fast as one", ratios(ours, of(figures, LOAM, 2), warm), lambda v: v >= 1.8)
        theirs = ratios(of(figures, LITERT, 1), of(figures, LITERT, 2), warm)
        yield f"LiteRT's two threads: {spread(theirs) or 'not run'}"
    for threads in options.threads:
        both = ratios(of(figures, LOAM, threads), of(figures, LITERT, threads), cold)
        yield line(f"load and first run at most 1/3 of LiteRT's, threads {threads}", both, lambda v: v <= 1 / 3)


def memory(options):
    """The peak of `loam classify` above that of `loam --version`."""
    model, photo = options.models / "lite0.loam", options.models / "photos" / "coffee-0.jpg"
    print("## Memory of `loam classify`, EfficientNet-Lite0\n")
    if not model.exists():
        print("not run: there is no lite0.loam")
        return
    plain, whole = peak([options.loam, "--version"]), peak([options.loam, "classify", model, photo])
    if not plain or not whole:
        print("not run: it says nothing")
        return
    above = (whole - plain) / MEBIBYTE
    print(f"- `loam --version` {plain / MEBIBYTE:.1f} MiB, `loam classify` {whole / MEBIBYTE:.1f} MiB")
    print(f"- at most 12 MiB above `--version`: {above:.1f} MiB, {'met' if above <= 12 else 'missed'}")
    print(f"- at most 32 MiB in all: {'met' if whole <= 32 * MEBIBYTE else 'missed'}")


def peak(command):
    """The peak of a program's resident memory in bytes: a full pipe holds it at its first words, which are its last deed.

    0 if it ends without a word.
    """
    reader, writer = os.pipe()
    filled = os.write(writer, bytes(fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)))
    process = subprocess.Popen([str(part) for part in command], stdout=writer)
    os.close(writer)
    still, before = 0, None
    try:
        # It is held once it sleeps and has used no processor time for a second.
        while still < 10 and process.poll() is None:
            time.sleep(0.1)
            state, *rest = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            still = still + 1 if state == "S" and rest[10:12] == before else 0
            before = rest[10:12]
        if process.returncode is not None:
            return 0
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    finally:
        while os.read(reader, filled):
            pass
        os.close(reader)
        process.wait()


if __name__ == "__main__":
    main()
