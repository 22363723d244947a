"""Measures a quantised .loam against the fp32 ONNX file that it was imported from, run by ONNX Runtime.

Prints top-1 agreement and the cosine of the feature. Exits 1 below --least-agreement or --least-cosine.
"""

import argparse
import sys
import tempfile

import numpy as np
import onnxruntime
from photos import infer, load, preprocessed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loam", required=True, help="the built program")
    parser.add_argument("--model", required=True, help="the .loam file")
    parser.add_argument("--onnx", required=True, help="the fp32 .onnx file")
    parser.add_argument("--feature", help="the fp32 file's name of the tensor at the cut (default: what Gemm reads)")
    parser.add_argument("--photos", required=True, help="a folder of photos")
    parser.add_argument("--count", type=int, default=200, help="how many of them to measure on (default: 200)")
    parser.add_argument("--mean", type=float, default=127)
    parser.add_argument("--deviation", type=float, default=128)
    parser.add_argument("--least-agreement", type=float, default=0, help="share of photos with the same top-1")
    parser.add_argument("--least-cosine", type=float, default=-1, help="mean cosine of the features")
    options = parser.parse_args()

    session, feature = open_with_feature(options.onnx, options.feature)
    height, width = session.get_inputs()[0].shape[2:]
    paths, pixels = load(options.photos, options.count, height, width)
    image = preprocessed(pixels, options.mean, options.deviation)
    name = session.get_inputs()[0].name
    rows = [session.run([session.get_outputs()[0].name, feature], {name: image[i : i + 1]}) for i in range(len(image))]
    logits, features = (np.concatenate(part).reshape(len(paths), -1) for part in zip(*rows, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        ours = infer(options.loam, options.model, pixels, "logits", folder).reshape(len(paths), -1)
        our_features = infer(options.loam, options.model, pixels, "features", folder).reshape(len(paths), -1)

    agreement = float((logits.argmax(axis=1) == ours.argmax(axis=1)).mean())
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(our_features, axis=1)
    cosines = (features * our_features).sum(axis=1) / lengths
    print(
        f"{len(paths)} photos: same top-1 as fp32 {agreement:.1%}, cosine of the feature: "
        f"mean {cosines.mean():.4f}, least {cosines.min():.4f}"
    )
    failed = agreement < options.least_agreement or cosines.mean() < options.least_cosine
    print("agreement: " + ("FAILED" if failed else "passed"))
    sys.exit(1 if failed else 0)


def open_with_feature(path, feature):
    """A session that also gives out the tensor at the cut."""
    import onnx

    model = onnx.load(path)
    if feature is None:
        feature = [node for node in model.graph.node if node.op_type == "Gemm"][-1].input[0]
    if all(output.name != feature for output in model.graph.output):
        model.graph.output.append(onnx.helper.make_tensor_value_info(feature, onnx.TensorProto.FLOAT, None))
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]), feature


if __name__ == "__main__":
    main()
