"""Makes a small network for each group of operators in operators/ and what ONNX Runtime computes with them.

usage: make_operators_golden.py     (needs onnx and onnxruntime of the versions printed into operators/golden.json)

The cases cover the forms of an operator over operator sets 9 to 21 that exporters write. Seed 11 throughout; the diff of
a new run is to be reviewed.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "operators"
chance = np.random.default_rng(11)


def real(*shape):
    return (chance.standard_normal(shape) * 0.5).astype(np.float32)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, name=f"{outputs[0]}_{kind}", **attributes)


def model(nodes, constants, shape, opset):
    if constants["fw"] is None:
        features = made(nodes[:-1], constants, shape, opset, "flat")
        constants["fw"] = real(run(features, np.zeros(shape, np.float32)).size, 3)
    return made(nodes, constants, shape, opset, "y")


def run(case, image):
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(case.SerializeToString(), settings).run(None, {"x": image})[0]


def made(nodes, constants, shape, opset, result):
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items() if value is not None]
    graph = helper.make_graph(nodes, "golden", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(result, TensorProto.FLOAT, None)], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def flat(name):
    return [node("Flatten", [name], ["flat"]), node("MatMul", ["flat", "fw"], ["y"])]


def cases():
    for opset in (9, 12, 19):
        yield f"pooling_{opset}", model([
            node("MaxPool", ["x"], ["a"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 1, 2]),
            node("AveragePool", ["a"], ["b"], kernel_shape=[3, 2], pads=[1, 1, 0, 1], count_include_pad=1),
            node("AveragePool", ["b"], ["c"], kernel_shape=[2, 3], pads=[1, 1, 1, 1], strides=[1, 2]),
            node("MaxPool", ["c"], ["d"], kernel_shape=[2, 2], auto_pad="SAME_UPPER", strides=[2, 1]),
            node("AveragePool", ["d"], ["e"], kernel_shape=[2, 2], auto_pad="SAME_LOWER"), *flat("e"),
        ], {"fw": None}, [1, 4, 11, 9], opset)
    yield "ceil_mode", model([
        node("MaxPool", ["x"], ["a"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        node("MaxPool", ["a"], ["b"], kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 0], ceil_mode=1),
        node("AveragePool", ["b"], ["c"], kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1),
        node("MaxPool", ["c"], ["d"], kernel_shape=[2, 1], dilations=[1, 2]), *flat("d"),
    ], {"fw": None}, [1, 4, 16, 14], 13)
    yield "dilated", model([
        node("MaxPool", ["x"], ["a"], kernel_shape=[2, 3], dilations=[3, 2], pads=[1, 1, 1, 0]),
        node("GlobalMaxPool", ["a"], ["b"]), *flat("b"),
    ], {"fw": None}, [1, 4, 7, 8], 13)
    for size in (5, 3):
        yield f"response_{size}", model([
            node("Conv", ["x", "w"], ["a"]), node("LRN", ["a"], ["b"], size=size, alpha=0.5, beta=0.75, bias=2.0),
            node("LRN", ["b"], ["c"], size=3, alpha=0.7, beta=0.6), *flat("c"),
        ], {"w": real(7, 3, 1, 1) * 3, "fw": None}, [1, 3, 4, 3], 13)
    for opset in (11, 13, 18):
        inputs = ["a", "halves"] if opset == 13 else ["a"]
        parts = {11: {"split": [3, 3]}, 13: {}, 18: {"num_outputs": 2}}[opset]
        yield f"shuffle_{opset}", model([
            node("Conv", ["x", "w"], ["a"]), node("Split", inputs, ["l", "r"], axis=1, **parts),
            node("Conv", ["r", "v"], ["s"], group=3), node("Concat", ["l", "s"], ["j"], axis=-3),
            node("Reshape", ["j", "five"], ["g"]), node("Transpose", ["g"], ["t"], perm=[0, 2, 1, 3, 4]),
            node("Reshape", ["t", "four"], ["k"]), node("Relu", ["k"], ["q"]), *flat("q"),
        ], {"w": real(6, 3, 1, 1), "halves": np.array([3, 3]), "v": real(3, 1, 1, 1), "five": np.array([1, 2, 3, 4, 5]),
            "four": np.array([1, -1, 4, 5]), "fw": None}, [1, 3, 4, 5], opset)
    yield "squeeze_excite", model([
        node("Conv", ["x", "w"], ["a"]), node("HardSwish", ["a"], ["h"]), node("GlobalAveragePool", ["h"], ["p"]),
        node("Conv", ["p", "e"], ["q"]), node("Relu", ["q"], ["r"]), node("Conv", ["r", "f", "b"], ["s"]),
        node("HardSigmoid", ["s"], ["t"], alpha=1 / 6, beta=0.5), node("Mul", ["t", "h"], ["u"]), *flat("u"),
    ], {"w": real(6, 3, 1, 1) * 4, "e": real(2, 6, 1, 1), "f": real(6, 2, 1, 1), "b": real(6), "fw": None},
        [1, 3, 4, 3], 14)
    yield "written_out", model([
        node("Conv", ["x", "w"], ["a"]), node("Add", ["a", "three"], ["p"]), node("Clip", ["p"], ["c"], min=0.0, max=6.0),
        node("Div", ["c", "six"], ["d"]), node("Mul", ["a", "d"], ["h"]), node("Sigmoid", ["h"], ["s"]),
        node("Mul", ["h", "s"], ["u"]), node("Add", ["u", "three"], ["p2"]),
        node("Clip", ["p2"], ["c2"], min=0.0, max=6.0), node("Mul", ["u", "c2"], ["m2"]),
        node("Div", ["m2", "six"], ["v"]), *flat("v"),
    ], {"w": real(6, 3, 1, 1) * 8, "three": np.float32(3), "six": np.float32(6), "fw": None}, [1, 3, 4, 3], 10)
    yield "functions", model([
        node("Conv", ["x", "w"], ["a"]), node("LeakyRelu", ["a"], ["b"], alpha=0.2), node("Tanh", ["b"], ["c"]),
        node("Sigmoid", ["c"], ["d"]), node("HardSigmoid", ["d"], ["e"]), node("PRelu", ["e", "slope"], ["f"]),
        node("Mul", ["a", "f"], ["g"]), node("LeakyRelu", ["g"], ["h"]), *flat("h"),
    ], {"w": real(6, 3, 1, 1) * 8, "slope": np.full((6, 1, 1), 0.25, np.float32), "fw": None}, [1, 3, 4, 3], 16)
    yield "slices", model([
        node("Slice", ["x", "s", "e", "axes", "one"], ["a"]), node("Slice", ["x", "s2", "e2", "axes2"], ["b"]),
        node("Concat", ["a", "b", "x"], ["c"], axis=1), node("GlobalAveragePool", ["c"], ["p"]),
        node("Flatten", ["p"], ["f"]), node("Slice", ["f", "s3", "e3", "axes"], ["g"]),
        node("Concat", ["g", "f"], ["k"], axis=1), node("Transpose", ["k"], ["t"], perm=[1, 0]),
        node("Gemm", ["t", "fw", "fb"], ["y"], transA=1, alpha=0.5, beta=2.0),
    ], {"s": np.array([1]), "e": np.array([3]), "axes": np.array([1]), "one": np.array([1]), "s2": np.array([0, -2]),
        "e2": np.array([1 << 60, 1 << 60]), "axes2": np.array([2, 1]), "s3": np.array([0]), "e3": np.array([2]),
        "fw": real(10, 3), "fb": real(3)}, [1, 4, 3, 3], 13)
    yield "old_slices", model([
        node("Slice", ["x"], ["a"], starts=[1], ends=[9], axes=[1]), node("Split", ["x"], ["b", "c"], axis=1),
        node("Concat", ["a", "c"], ["d"], axis=1), node("Dropout", ["d"], ["f"], ratio=0.5), *flat("f"),
    ], {"fw": None}, [1, 4, 3, 3], 9)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    found = {}
    for name, case in cases():
        onnx.save(case, FOLDER / f"{name}.onnx")
        image = real(*[extent.dim_value for extent in case.graph.input[0].type.tensor_type.shape.dim])
        result = run(case, image)
        last = image.transpose(0, 2, 3, 1)
        found[name] = {"shape": list(last.shape[1:]), "input": [round(float(v), 9) for v in last.ravel()],
                       "output": [round(float(v), 9) for v in result.ravel()]}
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "seed": 11}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(case)}" for name, case in found.items())
    text = f'{{"made_with": {json.dumps(versions)}, "cases": {{\n{lines}\n}}}}\n'
    (FOLDER / "golden.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
