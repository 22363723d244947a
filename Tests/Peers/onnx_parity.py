"""Holds an exported model.onnx in ONNX Runtime against Loam: same top-1, probabilities within 1e-3.

Runs the file as ONNX Runtime does by default, and once more without any of its optimisations. Exits 1 if a photo differs.
"""

import argparse
import json
import sys
import tempfile

import numpy as np
import onnxruntime
from photos import infer, load, preprocessed

TOLERANCE = 1e-3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loam", required=True, help="the built program")
    parser.add_argument("--model", required=True, help="the .loam file")
    parser.add_argument("--onnx", required=True, help="the model.onnx that was exported from it")
    parser.add_argument("--photos", required=True, help="a folder of photos")
    parser.add_argument("--count", type=int, default=100, help="how many of them to compare (default: 100)")
    options = parser.parse_args()

    sessions = {"default": None, "without optimisation": None}
    for name in sessions:
        settings = onnxruntime.SessionOptions()
        if name != "default":
            settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        sessions[name] = onnxruntime.InferenceSession(options.onnx, settings, providers=["CPUExecutionProvider"])
    session = sessions["default"]
    metadata = session.get_modelmeta().custom_metadata_map
    height, width = session.get_inputs()[0].shape[2:]
    paths, pixels = load(options.photos, options.count, height, width)
    image = preprocessed(pixels, json.loads(metadata["mean"]), json.loads(metadata["deviation"]))
    with tempfile.TemporaryDirectory() as folder:
        ours = {tensor: infer(options.loam, options.model, pixels, tensor, folder) for tensor in ("probabilities", "features")}

    failed = False
    for name, session in sessions.items():
        theirs, features = (
            np.concatenate([session.run([tensor], {"input": image[i : i + 1]})[0] for i in range(len(image))])
            for tensor in ("probabilities", "features")
        )
        distance = np.abs(theirs - ours["probabilities"]).reshape(len(paths), -1).max(axis=1)
        same = theirs.reshape(len(paths), -1).argmax(axis=1) == ours["probabilities"].reshape(len(paths), -1).argmax(axis=1)
        equal = (features.reshape(len(paths), -1) == ours["features"].reshape(len(paths), -1)).all(axis=1)
        print(
            f"ONNX Runtime {onnxruntime.__version__}, {name}: {len(paths)} photos, same top-1 {same.sum()}, "
            f"max |dp| {distance.max():.2e}, features identical {equal.sum()}"
        )
        for path, is_same, error in zip(paths, same, distance, strict=True):
            if not is_same or not error <= TOLERANCE:
                print(f"  differs: {path}: top-1 {'same' if is_same else 'another'}, |dp| {error:.2e}")
                failed = True
    print("onnx_parity: " + ("FAILED" if failed else "passed"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
