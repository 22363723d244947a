"""Makes the small quantised networks in quantised/ and what ONNX Runtime computes with them (quantised/golden.json).

usage: make_quantised_golden.py     (needs numpy, onnx and onnxruntime of the versions printed into golden.json)

One network (stem, depthwise, pointwise, a residual, pool, concatenated halves, mean, classifier) is quantised by ONNX
Runtime's own tool in each of its formats; others are written by hand where the tool has no such form. The golden values
are every quantised tensor, after one image. Weights have 7 bits where activations are unsigned and weights signed: on
processors without VNNI the runtime's 16-bit sums would saturate. Seed 11; the diff of a new run is to be reviewed.
"""

import json
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

FOLDER = pathlib.Path(__file__).parent / "quantised"
chance = np.random.default_rng(11)


def real(*shape):
    return (chance.standard_normal(shape) * 0.5).astype(np.float32)


def node(kind, inputs, outputs, domain="", **attributes):
    return helper.make_node(kind, inputs, outputs, name=f"{outputs[0]}_{kind}", domain=domain, **attributes)


def model(nodes, constants, shape, output, opset=17, kind=TensorProto.FLOAT):
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(
        nodes, "golden", [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], stored)
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8, producer_name="golden")


def plain():
    constants = {
        "stem.w": real(6, 3, 3, 3), "stem.b": real(6), "depth.w": real(6, 1, 3, 3), "depth.b": real(6),
        "point.w": real(6, 6, 1, 1), "point.b": real(6), "wide.w": real(8, 6, 3, 3), "wide.b": real(8),
        "head.w": real(5, 8), "head.b": real(5), "low": np.float32(0), "high": np.float32(6),
    }
    nodes = [
        node("Conv", ["x", "stem.w", "stem.b"], ["stem"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Clip", ["stem", "low", "high"], ["stem6"]),
        node("Conv", ["stem6", "depth.w", "depth.b"], ["depth"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=6),
        node("Relu", ["depth"], ["depthr"]),
        node("Conv", ["depthr", "point.w", "point.b"], ["point"], kernel_shape=[1, 1]),
        node("Add", ["stem6", "point"], ["sum"]),
        node("MaxPool", ["sum"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["pooled", "wide.w", "wide.b"], ["wide"], kernel_shape=[3, 3]),
        node("Relu", ["wide"], ["wider"]),
        node("GlobalAveragePool", ["wider"], ["mean"]),
        node("Flatten", ["mean"], ["row"]),
        node("Gemm", ["row", "head.w", "head.b"], ["logits"], transB=1),
    ]
    return model(nodes, constants, [1, 3, 14, 12], "logits")


class Images(CalibrationDataReader):
    def __init__(self, shape):
        self.images = iter([{"x": real(*shape) * 2} for _ in range(8)])

    def get_next(self):
        return next(self.images, None)


def quantised(source, form, activations, weights, per_channel, reduce_range=False):
    with tempfile.TemporaryDirectory() as work:
        before, after = f"{work}/before.onnx", f"{work}/after.onnx"
        onnx.save(source, before)
        quantize_static(
            before, after, Images([1, 3, 14, 12]), quant_format=form, activation_type=activations, weight_type=weights,
            per_channel=per_channel, reduce_range=reduce_range)
        return onnx.load(after)


def by_hand():
    """QLinearConv and QLinearMatMul with unsigned weights whose zero points take them to nine bits."""
    constants = {
        "xs": np.float32(0.02), "xz": np.uint8(120), "ys": np.float32(0.05), "yz": np.uint8(90),
        "w": chance.integers(0, 256, (4, 3, 3, 3)).astype(np.uint8), "ws": np.float32(0.01), "wz": np.uint8(37),
        "b": chance.integers(-4000, 4000, 4).astype(np.int32), "shape": np.array([1, -1], np.int64),
        "m": chance.integers(0, 256, (64, 5)).astype(np.uint8), "ms": np.float32(0.004), "mz": np.uint8(200),
        "zs": np.float32(0.3), "zz": np.uint8(128),
    }
    nodes = [
        node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
        node("QLinearConv", ["xq", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["conv"], kernel_shape=[3, 3],
             strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Reshape", ["conv", "shape"], ["row"]),
        node("QLinearMatMul", ["row", "ys", "yz", "m", "ms", "mz", "zs", "zz"], ["product"]),
        node("DequantizeLinear", ["product", "zs", "zz"], ["logits"]),
    ]
    return model(nodes, constants, [1, 3, 8, 8], "logits")


def too_wide():
    """A weight 255 above its zero point, which no two bytes sum up to."""
    constants = {
        "xs": np.float32(0.02), "xz": np.uint8(120), "ys": np.float32(0.05), "yz": np.uint8(90),
        "w": np.array([0, 255, 3], np.uint8).reshape(1, 3, 1, 1), "ws": np.float32(0.01), "wz": np.uint8(0),
        "shape": np.array([1, -1], np.int64), "m": np.ones((64, 2), np.uint8), "ms": np.float32(0.004),
        "zs": np.float32(0.3), "zz": np.uint8(128),
    }
    nodes = [
        node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
        node("QLinearConv", ["xq", "xs", "xz", "w", "ws", "wz", "ys", "yz"], ["conv"], kernel_shape=[1, 1]),
        node("Reshape", ["conv", "shape"], ["row"]),
        node("QLinearMatMul", ["row", "ys", "yz", "m", "ms", "wz", "zs", "zz"], ["product"]),
        node("DequantizeLinear", ["product", "zs", "zz"], ["logits"]),
    ]
    return model(nodes, constants, [1, 3, 8, 8], "logits")


def run(source):
    """What the runtime computes: the result, and every quantised tensor by the name that Loam has for it."""
    wanted = {}
    stored = {one.name: one.data_type for one in source.graph.initializer}
    # One type for all activations of a network: that of the first zero point.
    kind = next(stored[step.input[2]] for step in source.graph.node if step.op_type == "QuantizeLinear")
    for step in source.graph.node:
        if step.op_type == "QuantizeLinear" and step.input[0] not in stored:
            wanted[step.output[0]] = step.input[0]
        elif step.op_type.startswith(("QLinear", "QGemm")):
            wanted[step.output[0]] = step.output[0]
    copy = onnx.ModelProto()
    copy.CopyFrom(source)
    for name in wanted:
        if name not in {one.name for one in copy.graph.output}:
            copy.graph.output.append(helper.make_tensor_value_info(name, kind, None))
    session = onnxruntime.InferenceSession(copy.SerializeToString(), providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape
    image = real(*shape) * 2
    names = [one.name for one in session.get_outputs()]
    values = dict(zip(names, session.run(names, {"x": image})))
    tensors = {}
    for name, known in wanted.items():
        value = values[name]
        shift = 128 if value.dtype == np.uint8 else 0
        value = value.astype(int) - shift
        tensors[known] = (value.transpose(0, 2, 3, 1) if value.ndim == 4 else value).reshape(-1).tolist()
    logits = values[source.graph.output[0].name]
    return {
        "shape": [shape[2], shape[3], shape[1]], "input": image[0].transpose(1, 2, 0).reshape(-1).tolist(),
        "output": logits.reshape(-1).tolist(), "tensors": tensors,
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    source = plain()
    unsigned, signed = QuantType.QUInt8, QuantType.QInt8
    pairs, operators = QuantFormat.QDQ, QuantFormat.QOperator
    models = {
        "pairs_signed": quantised(source, pairs, signed, signed, True),
        "pairs_mixed": quantised(source, pairs, unsigned, signed, True, reduce_range=True),
        "pairs_unsigned": quantised(source, pairs, unsigned, unsigned, False),
        "operators_mixed": quantised(source, operators, unsigned, signed, True, reduce_range=True),
        "operators_unsigned": quantised(source, operators, unsigned, unsigned, False),
        "operators_wide": by_hand(),
    }
    onnx.save(too_wide(), FOLDER / "hostile_too_wide.onnx")
    cases = {}
    for name, made in models.items():
        for one in made.graph.node:
            one.doc_string = ""
        onnx.save(made, FOLDER / f"{name}.onnx")
        cases[name] = run(made)
        print(name, [one.op_type for one in made.graph.node], (FOLDER / f"{name}.onnx").stat().st_size)
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
    (FOLDER / "golden.json").write_text(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
