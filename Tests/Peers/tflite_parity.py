"""Holds quantised TensorFlow Lite models in LiteRT against Loam, byte for byte.

Each model is imported with its own quantisation, then both run the same random images. What is compared is the last
feature map, which the pool before the classifier reads: every difference before it has been carried on to there. Prints
for each model the share of its elements that are equal, that are within one step, and the greatest difference: Loam
against the kernels that LiteRT uses by itself, Loam against its reference kernels, and these two against one another,
for they differ too, and a deep network carries one step far. The target is 99 % within one step and none more than 2
away; each row says whether it is met. Exits 3 if Loam misses it against the kernels that LiteRT uses by itself.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

# Public models, fetched when this runs and never kept in the repository.
SOURCE = "https://raw.githubusercontent.com/google-coral/test_data/104342d2d3480b3e66203073dac24f4e2dbb4c41/"
PUBLIC = {
    "mobilenet_v1_0.25_128_quant.tflite": "cb273c23ee76374b05b9583177e28aa19744858a7679c56a250e83d0333da785",
    "mobilenet_v2_1.0_224_quant.tflite": "7aad0c74c5e3c06e5eb3c827e13304fdd68a83da6087d92ee169c24ff9fd4776",
    "tf2_mobilenet_v2_1.0_224_ptq.tflite": "5d3137241276e79c86d14a74fe43581398ae0e815191d3dba45495b810840e8c",
}

# What the script exits with when a model misses the target; an exception of Python exits with 1.
MISSED = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loam", required=True, help="the built program")
    parser.add_argument("--folder", type=pathlib.Path, help="a folder that has the public models, or gets them")
    parser.add_argument("--images", type=int, default=10, help="random images for each model (default: 10)")
    parser.add_argument("models", nargs="*", type=pathlib.Path, help="other .tflite files")
    options = parser.parse_args()

    models = list(options.models)
    with tempfile.TemporaryDirectory() as work:
        folder = options.folder or pathlib.Path(work)
        for name, digest in PUBLIC.items():
            path = fetched(folder / name, SOURCE + name, digest)
            if path:
                models.append(path)
        print(f"{'model':30} {'between':17} {'elements':>9} {'equal':>8} {'within 1':>9} {'most':>5}  target")
        failed = [path for path in models if not compare(options.loam, path, options.images, pathlib.Path(work))]
    missed = "the target is missed by " + ", ".join(path.name for path in failed)
    print("tflite_parity: " + (missed if failed else "passed" if models else "not run: no model is there"))
    sys.exit(MISSED if failed else 0)


def fetched(path, address, digest):
    """`path`, once the file is there and is the one that is meant."""
    if not path.exists():
        try:
            with urllib.request.urlopen(address, timeout=60) as reply:
                path.write_bytes(reply.read())
        except (urllib.error.URLError, TimeoutError, OSError) as error:
            print(f"not run: {path.name} cannot be fetched from {address}: {error}")
            return None
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise SystemExit(f"{path}: has SHA-256 {found}, expected {digest}; remove it to fetch it again")
    return path


def compare(loam, path, count, work):
    """Whether the last feature maps of the model at `path` agree as well as they should; prints how well."""
    interpreters = {
        "usual": Interpreter(str(path), experimental_preserve_all_tensors=True, num_threads=1),
        "reference": Interpreter(
            str(path), experimental_preserve_all_tensors=True, num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF),
    }
    details = interpreters["usual"].get_input_details()[0]
    pixels = images(count, *details["shape"][1:])
    index = last_map(interpreters["reference"])
    cut = next(tensor for tensor in interpreters["reference"].get_tensor_details() if tensor["index"] == index)
    imported, source, result = work / "model.loam", work / "pixels.npy", work / "features.npy"
    subprocess.run([loam, "import", path, "--cut", cut["name"], "--output", imported], check=True, stdout=subprocess.DEVNULL)
    np.save(source, pixels)
    command = [loam, "infer", imported, "--input", source, "--output", result, "--tensor", "features"]
    subprocess.run(command, check=True)
    scale, zero = cut["quantization"]
    ours = np.rint(np.load(result).reshape(count, -1) / np.float64(scale)) + zero
    theirs = {}
    for name, interpreter in interpreters.items():
        interpreter.allocate_tensors()
        found = []
        for image in pixels:
            data = image if details["dtype"] == np.uint8 else (image.astype(np.int16) - 128).astype(np.int8)
            interpreter.set_tensor(details["index"], data[None])
            interpreter.invoke()
            found.append(interpreter.get_tensor(index).reshape(-1).astype(np.float64))
        theirs[name] = np.stack(found)
    usual, reference = theirs["usual"], theirs["reference"]
    is_met = row(path.stem, "Loam, usual", np.abs(ours - usual))
    row(path.stem, "Loam, reference", np.abs(ours - reference))
    row(path.stem, "LiteRT's own two", np.abs(usual - reference))
    return is_met


def row(model, pair, apart):
    """Prints how far two results are apart; returns whether that is within the target."""
    near = float((apart <= 1).mean())
    is_met = near >= 0.99 and apart.max() <= 2
    verdict = "met" if is_met else "missed"
    print(f"{model:30} {pair:17} {apart.size:9} {(apart == 0).mean():8.2%} {near:9.2%} {int(apart.max()):5}  {verdict}")
    return is_met


def last_map(interpreter):
    """The tensor that the last pool over a map reads."""
    pools = [step for step in interpreter._get_ops_details() if step["op_name"] in ("MEAN", "AVERAGE_POOL_2D")]
    if not pools:
        raise SystemExit("a model without a pool before its classifier; give one that has one")
    return int(pools[-1]["inputs"][0])


def images(count, height, width, channels):
    """Smooth random images: coloured waves and some noise, which networks react to as to photos."""
    chance = np.random.default_rng(5)
    y, x = np.mgrid[0:height, 0:width]
    result = np.zeros((count, height, width, channels))
    for image in result:
        for _ in range(12):
            slope = chance.normal(size=2) * 0.12
            wave = np.sin(x * slope[0] + y * slope[1] + chance.uniform(0, 6.3))
            image += wave[..., None] * chance.normal(size=channels) * 40
        image += 128 + chance.normal(size=image.shape) * 12
    return np.clip(result, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
