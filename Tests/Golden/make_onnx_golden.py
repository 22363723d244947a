"""Makes the small networks in onnx/ and what ONNX Runtime computes with them (onnx/golden.json).

usage: make_onnx_golden.py     (needs torch, onnx, onnxscript and onnxruntime of the versions printed into golden.json)

Each case is there for something that files of PyTorch, tf2onnx or older exporters do. The hostile files are for the
refusals that a test expects. Seed 7 throughout; the diff of a new run is to be reviewed.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "onnx"
chance = np.random.default_rng(7)


def real(*shape):
    return (chance.standard_normal(shape) * 0.5).astype(np.float32)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, name=f"{outputs[0]}_{kind}", **attributes)


def model(nodes, constants, shape, outputs, opset, others=()):
    """A model of `nodes`; constants are arrays by name, or TensorProtos."""
    stored = [value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(np.asarray(value), name)
              for name, value in constants.items()]
    graph = helper.make_graph(
        nodes, "golden", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape), *others],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


class Block(torch.nn.Module):
    """A stem, a depthwise block with a residual, and a classifier: MobileNetV2 in small."""

    def __init__(self):
        super().__init__()
        nn = torch.nn
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6())
        self.block = nn.Sequential(
            nn.Conv2d(4, 6, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU6(),
            nn.Conv2d(6, 6, 3, 1, 1, groups=6, bias=False), nn.BatchNorm2d(6), nn.ReLU6(),
            nn.Conv2d(6, 4, 1, bias=False), nn.BatchNorm2d(4))
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(4, 5)
        for part in self.modules():
            if isinstance(part, nn.BatchNorm2d):
                nn.init.uniform_(part.weight, 0.5, 1.5)
                nn.init.uniform_(part.bias, -0.5, 0.5)
                nn.init.uniform_(part.running_mean, -0.3, 0.3)
                nn.init.uniform_(part.running_var, 0.5, 2)

    def forward(self, image):
        image = torch.nn.functional.pad(image, (0, 1, 0, 1))
        image = self.stem(image)
        image = image + self.block(image)
        return self.head(self.drop(image.mean((2, 3))))


def torch_cases():
    torch.manual_seed(7)
    network, image = Block().eval(), torch.zeros(1, 3, 9, 9)
    path = FOLDER / "torchscript.onnx"
    torch.onnx.export(network, (image,), str(path), dynamo=False, input_names=["x"], output_names=["y"],
                      opset_version=17, dynamic_axes={"x": {0: "batch"}})
    yield "torchscript", onnx.load(path)
    path = FOLDER / "dynamo.onnx"
    torch.onnx.export(network, (image,), str(path), dynamo=True, input_names=["x"], output_names=["y"],
                      external_data=False, opset_version=20)
    small = onnx.load(path)
    for part in [small.graph, *small.graph.node, *small.graph.initializer, *small.graph.input, *small.graph.value_info]:
        part.doc_string = ""
        del part.metadata_props[:]
    del small.graph.value_info[:]
    del small.metadata_props[:]
    yield "dynamo", small


def handmade_cases():
    yield "channels_last", model([
        node("Transpose", ["x"], ["nchw"], perm=[0, 3, 1, 2]),
        node("Conv", ["nchw", "w"], ["c"], auto_pad="SAME_UPPER", strides=[2, 2], kernel_shape=[3, 3]),
        node("BatchNormalization", ["c", "g", "b", "m", "v"], ["n"], epsilon=0.001),
        node("Clip", ["n"], ["r"], min=0.0, max=6.0),
        node("Transpose", ["r"], ["nhwc"], perm=[0, 2, 3, 1]),
        node("ReduceMean", ["nhwc"], ["p"], axes=[1, 2], keepdims=0),
        node("MatMul", ["p", "fw"], ["f"]), node("Add", ["f", "fb"], ["l"]), node("Softmax", ["l"], ["y"], axis=1),
    ], {"w": real(4, 3, 3, 3), "g": real(4), "b": real(4), "m": real(4), "v": np.abs(real(4)) + 0.5, "fw": real(4, 5),
        "fb": real(5)}, [None, 8, 8, 3], ["y"], 9)
    yield "flattened_map", model([
        node("Conv", ["x", "w", "b"], ["c"], kernel_shape=[2, 3], strides=[2, 2], pads=[0, 1, 0, 1]),
        node("Relu", ["c"], ["r"]), node("Flatten", ["r"], ["f"]),
        node("Gemm", ["f", "fw", "fb"], ["y"], alpha=0.5, beta=2.0),
    ], {"w": real(4, 2, 2, 3), "b": real(4), "fw": real(24, 3), "fb": real(1, 3)}, [1, 2, 4, 6], ["y"], 13)
    yield "channels_last_flattened", model([
        node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
        node("Conv", ["t", "w"], ["c"], kernel_shape=[1, 1]), node("Transpose", ["c"], ["u"], perm=[0, 2, 3, 1]),
        node("Reshape", ["u", "s"], ["f"]), node("MatMul", ["f", "fw"], ["m"]), node("Add", ["fb", "m"], ["y"]),
    ], {"w": real(2, 3, 1, 1), "s": np.array([-1, 24]), "fw": real(24, 3), "fb": real(3)}, ["n", 6, 2, 3], ["y"], 15)
    yield "padded_pooled", model([
        node("Pad", ["x", "p", "z"], ["q"]), node("Conv", ["q", "w", "b"], ["c"], group=2, dilations=[2, 1], strides=[1, 2]),
        node("Max", ["c", "zero"], ["lo"]), node("Min", ["lo", "six"], ["r"]),
        node("AveragePool", ["r"], ["a"], kernel_shape=[4, 3]), node("Squeeze", ["a", "axes"], ["s"]),
        node("Dropout", ["s"], ["d"]), node("Identity", ["d"], ["i"]),
        node("Gemm", ["i", "fw"], ["y"], transB=1),
    ], {"p": np.array([0, 0, 1, 0, 0, 0, 2, 1]), "z": np.float32(0), "w": real(4, 1, 3, 3), "b": real(4),
        "zero": np.float32(0), "six": np.float32(6), "axes": np.array([2, 3]), "fw": real(3, 4)}, [1, 2, 5, 6], ["y"], 13)
    half = numpy_helper.from_array(real(4, 3, 1, 1).astype(np.float16), "w16")
    listed = helper.make_tensor("b", TensorProto.FLOAT, [4], real(4).tolist())
    yield "computed_shape", model([
        node("Cast", ["w16"], ["w"], to=TensorProto.FLOAT), node("Conv", ["x", "w", "b"], ["c"], auto_pad="SAME_LOWER"),
        node("GlobalAveragePool", ["c"], ["p"]), node("Shape", ["p"], ["s"]),
        node("Gather", ["s", "first"], ["n"], axis=0), node("Unsqueeze", ["n", "axis"], ["u"]),
        node("Concat", ["u", "rest"], ["e"], axis=0), node("Reshape", ["p", "e"], ["f"]),
        node("Transpose", ["fw"], ["t"], perm=[1, 0]), node("Gemm", ["f", "t", "fb"], ["l"]), node("Softmax", ["l"], ["y"]),
    ], {"w16": half, "b": listed, "first": np.array(0), "axis": np.array([0]), "rest": np.array([-1]), "fw": real(3, 4),
        "fb": np.float32(0.25)}, ["n", 3, 5, 5], ["y"], 18)
    yield "convolved_classifier", model([
        node("Mul", ["x", "scale"], ["m"]), node("Sub", ["m", "one"], ["o"]), node("Conv", ["o", "w"], ["c"]),
        node("Div", ["c", "d"], ["q"]), node("Add", ["q", "b"], ["a"]), node("Relu", ["a"], ["r"]),
        node("ReduceMean", ["r", "axes"], ["p"], keepdims=1), node("Conv", ["p", "fw", "fb"], ["l"], kernel_shape=[1, 1]),
        node("Reshape", ["l", "e"], ["s"]), node("Softmax", ["s"], ["y"]),
    ], {"scale": np.float32(0.5), "one": np.ones((1, 3, 1, 1), np.float32), "w": real(4, 3, 3, 3),
        "d": np.abs(real(4, 1, 1)) + 0.5, "b": real(1, 4, 1, 1), "axes": np.array([-2, -1]), "fw": real(3, 4, 1, 1),
        "fb": real(3), "e": np.array([0, 3])}, [1, 3, 6, 5], ["y"], 21)


def hostile_cases():
    weights = {"w": real(2, 3, 1, 1)}
    conv = node("Conv", ["x", "w"], ["y"])
    yield "unsupported", model([
        node("Conv", ["x", "w"], ["c"]), node("Softplus", ["c"], ["s"]), node("Mul", ["c", "s"], ["m"]),
        node("LpPool", ["m"], ["p"], kernel_shape=[2, 2]), node("Pad", ["p", "a"], ["q"], mode="reflect"),
        node("Conv", ["c", "v"], ["t"], auto_pad="OTHER"), node("Add", ["q", "t"], ["y"]),
    ], weights | {"v": real(2, 2, 1, 1), "a": np.array([0, 0, 1, 1, 0, 0, 1, 1])}, [1, 3, 4, 4], ["y"], 13)
    outside = numpy_helper.from_array(weights["w"], "w")
    outside.ClearField("raw_data")
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="weights.bin")
    yield "external_data", model([conv], {"w": outside}, [1, 3, 4, 4], ["y"], 13)
    short = numpy_helper.from_array(weights["w"], "w")
    short.raw_data = short.raw_data[:-4]
    yield "short_weights", model([conv], {"w": short}, [1, 3, 4, 4], ["y"], 13)
    huge = numpy_helper.from_array(weights["w"], "w")
    huge.dims[:] = [1 << 40, 1 << 40, 1, 1]
    yield "huge_extents", model([conv], {"w": huge}, [1, 3, 4, 4], ["y"], 13)
    yield "old_operators", model([conv], weights, [1, 3, 4, 4], ["y"], 8)
    yield "open_size", model([conv], weights, [1, 3, None, None], ["y"], 13)
    yield "batch_of_eight", model([conv], weights, [8, 3, 4, 4], ["y"], 13)
    yield "two_images", model([conv, node("Add", ["y", "x2"], ["z"])], weights, [1, 3, 4, 4], ["z"], 13,
                              [helper.make_tensor_value_info("x2", TensorProto.FLOAT, [1, 2, 4, 4])])
    yield "unsorted", model([node("Relu", ["c"], ["y"]), node("Conv", ["x", "w"], ["c"])], weights, [1, 3, 4, 4], ["y"], 13)
    yield "written_twice", model([node("Conv", ["x", "w"], ["c"]), node("Relu", ["c"], ["c"]), node("Relu", ["c"], ["y"])],
                                 weights, [1, 3, 4, 4], ["y"], 13)
    yield "vast_constant", model([
        node("ConstantOfShape", ["s"], ["w"]), conv], {"s": np.array([1 << 31, 1 << 31])}, [1, 3, 4, 4], ["y"], 13)
    yield "wrong_weights", model([conv], {"w": real(2, 5, 1, 1)}, [1, 3, 4, 4], ["y"], 13)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    cases = {}
    for name, case in [*torch_cases(), *handmade_cases()]:
        onnx.save(case, FOLDER / f"{name}.onnx")
        session = onnxruntime.InferenceSession(case.SerializeToString())
        shape = [1 if not isinstance(extent, int) else extent for extent in session.get_inputs()[0].shape]
        image = real(*shape)
        result = session.run(None, {"x": image})[0]
        # Loam keeps images with channels innermost.
        last = image if shape[-1] == 3 and shape[1] > 3 or name.startswith("channels_last") else image.transpose(0, 2, 3, 1)
        cases[name] = {"shape": list(last.shape[1:]), "input": [round(float(v), 9) for v in last.ravel()],
                       "output": [round(float(v), 9) for v in result.ravel()]}
    for name, case in hostile_cases():
        onnx.save(case, FOLDER / f"hostile_{name}.onnx")
    made = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "torch": torch.__version__, "seed": 7}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    text = f'{{"made_with": {json.dumps(made)}, "cases": {{\n{lines}\n}}}}\n'
    (FOLDER / "golden.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
