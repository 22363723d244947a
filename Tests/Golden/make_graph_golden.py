"""Golden values for Sources/Graph and Sources/Inference, made by ONNX Runtime.

usage: make_graph_golden.py OUTPUT_DIR
needs: onnx, onnxruntime, numpy (pip, in a virtual environment of one's own)

Writes graph_float.json (whole small networks in fp32: image, result) and graph_int8.json (single
QLinearConv nodes: exact bytes). Everything is seeded; the versions stand in the files.
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OUTPUT = sys.argv[1]


def run(nodes, constants, inputs, outputs, feeds):
    graph = helper.make_graph(
        nodes, "golden", inputs, outputs, [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, feeds)


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def numbers(array):
    """fp32 numbers as decimal text that reads back to the same bits."""
    return [float(np.format_float_positional(x, unique=True)) for x in np.asarray(array, np.float32).ravel()]


class Network:
    """Builds a network for both sides: ONNX nodes (NCHW) and ours (HWC)."""

    def __init__(self, seed, height, width, channels):
        self.random = np.random.default_rng(seed)
        self.shape = {"image": (height, width, channels)}
        self.onnx, self.constants = [], {}
        self.nodes, self.ours = [], {}

    def normal(self, *shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(np.float32)

    def constant(self, name, onnx_value, our_value):
        self.constants[name] = np.ascontiguousarray(onnx_value)
        self.ours[name] = {"shape": list(our_value.shape), "elements": numbers(our_value)}
        return name

    def node(self, op, inputs, parameters, onnx_op, extra=None, **attributes):
        name = f"n{len(self.nodes)}"
        output = name + ".out"
        self.nodes.append(
            {"name": name, "op": op, "inputs": inputs, "parameters": parameters, "output": output, **(extra or {})})
        self.onnx.append(helper.make_node(onnx_op, inputs + parameters, [output], name=name, **attributes))
        return output

    def conv(self, x, outputs, kernel, stride=(1, 1), dilation=(1, 1), groups=1, pads=(0, 0, 0, 0), bias=True):
        height, width, channels = self.shape[x]
        key = f"w{len(self.nodes)}"
        weights = self.normal(outputs, channels // groups, *kernel, scale=(1.5 / (kernel[0] * kernel[1] * channels / groups)) ** 0.5)
        names = [self.constant(key, weights, weights.transpose(0, 2, 3, 1))]
        if bias:
            b = self.normal(outputs, scale=0.3)
            names.append(self.constant(key + "b", b, b))
        window = {
            "height": kernel[0], "width": kernel[1], "strideY": stride[0], "strideX": stride[1],
            "dilationY": dilation[0], "dilationX": dilation[1],
            "padding": {"top": pads[0], "left": pads[1], "bottom": pads[2], "right": pads[3]}}
        output = self.node(
            "convolution", [x], names, "Conv", {"window": window, "groups": groups}, kernel_shape=list(kernel),
            strides=list(stride), dilations=list(dilation), group=groups, pads=list(pads))
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
        self.shape[output] = (
            (height + pads[0] + pads[2] - reach[0]) // stride[0] + 1,
            (width + pads[1] + pads[3] - reach[1]) // stride[1] + 1, outputs)
        return output

    def batch_norm(self, x):
        count = self.shape[x][-1]
        key = f"bn{len(self.nodes)}"
        values = [
            self.normal(count, scale=0.3) + 1, self.normal(count, scale=0.3), self.normal(count, scale=0.3),
            np.abs(self.normal(count)) + 0.3]
        names = [self.constant(f"{key}.{i}", v.astype(np.float32), v) for i, v in enumerate(values)]
        output = self.node("batchNormalisation", [x], names, "BatchNormalization", {"epsilon": 0.001}, epsilon=0.001)
        self.shape[output] = self.shape[x]
        return output

    def clip(self, x, low, high):
        self.constants.setdefault(f"c{low}", np.float32(low))
        self.constants.setdefault(f"c{high}", np.float32(high))
        output = self.node("clamp", [x], [], "Clip", {"clamp": {"low": low, "high": high}})
        self.onnx[-1].input.extend([f"c{low}", f"c{high}"])
        self.shape[output] = self.shape[x]
        return output

    def add(self, a, b):
        output = self.node("add", [a, b], [], "Add")
        self.shape[output] = self.shape[a]
        return output

    def mean(self, x):
        output = self.node("globalAveragePool", [x], [], "GlobalAveragePool")
        self.onnx.append(helper.make_node("Flatten", [output], [output + ".flat"]))
        self.shape[output] = (self.shape[x][-1],)
        return output

    def dense(self, x, outputs):
        count = self.shape[x][0]
        key = f"fc{len(self.nodes)}"
        weights, bias = self.normal(outputs, count, scale=count ** -0.5), self.normal(outputs, scale=0.3)
        names = [self.constant(key, weights, weights), self.constant(key + "b", bias, bias)]
        output = self.node("fullyConnected", [x], names, "Gemm", transB=1)
        self.onnx[-1].input[0] = x + ".flat"
        self.shape[output] = (outputs,)
        return output

    def softmax(self, x):
        output = self.node("softmax", [x], [], "Softmax", axis=1)
        self.shape[output] = self.shape[x]
        return output

    def case(self, name):
        height, width, channels = self.shape["image"]
        image = self.random.uniform(-1, 1, (height, width, channels)).astype(np.float32)
        last = self.nodes[-1]["output"]
        result = run(
            self.onnx, self.constants, [value("image", TensorProto.FLOAT, [1, channels, height, width])],
            [value(last, TensorProto.FLOAT, [None] * (len(self.shape[last]) + 1))], {"image": image.transpose(2, 0, 1)[None]})[0]
        if result.ndim == 4:
            result = result.transpose(0, 2, 3, 1)
        return {
            "name": name, "input": "image", "inputShape": [height, width, channels], "nodes": self.nodes,
            "output": last, "constants": self.ours, "image": numbers(image), "result": numbers(result)}


def mobile(seed):
    net = Network(seed, 14, 12, 3)
    x = net.clip(net.batch_norm(net.conv("image", 8, (3, 3), (2, 2), pads=(0, 0, 1, 1), bias=False)), 0.0, 6.0)
    wide = net.clip(net.batch_norm(net.conv(x, 16, (1, 1), bias=False)), 0.0, 6.0)
    deep = net.clip(net.batch_norm(net.conv(wide, 16, (5, 5), groups=16, pads=(2, 2, 2, 2), bias=False)), 0.0, 6.0)
    x = net.add(net.batch_norm(net.conv(deep, 8, (1, 1), bias=False)), x)
    x = net.clip(net.conv(x, 20, (1, 1)), 0.0, 6.0)
    net.softmax(net.dense(net.mean(x), 5))
    return net.case("inverted residual with batch norm and softmax")


def windows(seed):
    net = Network(seed, 11, 13, 4)
    x = net.conv("image", 6, (3, 2), (2, 1), (1, 2), 2, (1, 2, 0, 1))
    x = net.conv(x, 6, (3, 3), (1, 2), (2, 1), 6, (2, 0, 2, 3))
    x = net.clip(x, -0.5, 0.75)
    x = net.batch_norm(x)
    x = net.conv(x, 9, (2, 3), (2, 2), groups=3, bias=False)
    return net.case("windows of every kind")


def int8_case(seed, name, shape, outputs, kernel, stride, groups, pads, low, high):
    random = np.random.default_rng(seed)
    height, width, channels = shape
    image = random.integers(-128, 128, shape).astype(np.int8)
    weights = random.integers(-127, 128, (outputs, channels // groups, *kernel)).astype(np.int8)
    bias = random.integers(-4000, 4000, outputs).astype(np.int32)
    in_scale, in_zero = np.float32(random.uniform(0.01, 0.03)), np.int8(random.integers(-20, 20))
    out_scale, out_zero = np.float32(random.uniform(0.05, 0.1) * (kernel[0] * kernel[1]) ** 0.5), np.int8(random.integers(-100, 20))
    w_scale = random.uniform(0.001, 0.01, outputs).astype(np.float32)
    constants = {
        "xs": in_scale, "xz": in_zero, "w": weights, "ws": w_scale, "wz": np.zeros(outputs, np.int8), "ys": out_scale,
        "yz": out_zero, "b": bias}
    node = helper.make_node(
        "QLinearConv", ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["y"], kernel_shape=list(kernel),
        strides=list(stride), group=groups, pads=list(pads))
    result = run(
        [node], {k: np.asarray(v) for k, v in constants.items()}, [value("x", TensorProto.INT8, [1, channels, height, width])],
        [value("y", TensorProto.INT8, [None] * 4)], {"x": image.transpose(2, 0, 1)[None]})[0]
    # A clamp limits the bytes that stand for its ends: what a fused ReLU6 comes to.
    ends = [int(np.clip(np.rint(np.float32(v) / out_scale) + out_zero, -128, 127)) for v in (low, high)]
    result = np.clip(result, *ends)
    return {
        "name": name, "inputShape": list(shape), "window": {
            "height": kernel[0], "width": kernel[1], "strideY": stride[0], "strideX": stride[1], "dilationY": 1,
            "dilationX": 1, "padding": {"top": pads[0], "left": pads[1], "bottom": pads[2], "right": pads[3]}},
        "groups": groups, "clamp": {"low": low, "high": high},
        "inputQuantisation": {"scale": float(in_scale), "zeroPoint": int(in_zero)},
        "outputQuantisation": {"scale": float(out_scale), "zeroPoint": int(out_zero)},
        "weightShape": [outputs, *kernel, channels // groups],
        "weights": weights.transpose(0, 2, 3, 1).ravel().tolist(), "weightScales": [float(x) for x in w_scale],
        "bias": bias.tolist(), "image": image.ravel().tolist(),
        "result": result.transpose(0, 2, 3, 1).ravel().tolist()}


def write(name, cases):
    made_by = f"make_graph_golden.py, onnxruntime {onnxruntime.__version__}, numpy {np.__version__}"
    with open(os.path.join(OUTPUT, name), "w") as file:
        json.dump({"madeBy": made_by, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


write("graph_float.json", [mobile(1), windows(2)])
write("graph_int8.json", [
    int8_case(1, "pointwise", (5, 6, 19), 21, (1, 1), (1, 1), 1, (0, 0, 0, 0), -9.0, 9.0),
    int8_case(2, "pointwise with a stride", (7, 6, 8), 5, (1, 1), (2, 2), 1, (0, 0, 0, 0), 0.0, 6.0),
    int8_case(3, "3×3, stride 2, padded at the far sides", (9, 10, 3), 16, (3, 3), (2, 2), 1, (0, 0, 1, 1), 0.0, 6.0),
    int8_case(4, "depthwise 3×3", (8, 7, 33), 33, (3, 3), (1, 1), 33, (1, 1, 1, 1), 0.0, 6.0),
    int8_case(5, "depthwise 5×5, stride 2", (9, 8, 16), 16, (5, 5), (2, 2), 16, (1, 1, 2, 2), 0.0, 9.0),
    int8_case(6, "grouped", (6, 6, 12), 8, (3, 2), (1, 2), 4, (1, 0, 1, 1), -2.0, 4.0),
])
