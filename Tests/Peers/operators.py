"""Makes a small ONNX network of random weights with every operator that has an integer form besides convolutions and additions.

usage: operators.py FILE.onnx

Pooling of both kinds, concatenation, slices, a channel shuffle, a product by channel (squeeze and excitation) and one of maps, LRN,
padding, and the functions: leaky ReLU, hard-swish, hard-sigmoid, sigmoid, SiLU, clip. 64 x 64 photos in, ten classes out.
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)
nodes, constants = [], []


def constant(values, kind=np.float32):
    name = f"c{len(constants)}"
    constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
    return name


def add(operator, *inputs, **attributes):
    name = f"n{len(nodes)}_{operator}"
    nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
    return name


def convolution(source, inputs, outputs, kernel=1, stride=1, groups=1):
    depth = inputs // groups * kernel * kernel
    weights = random.normal(0, (2 / depth) ** 0.5, (outputs, inputs // groups, kernel, kernel))
    return add(
        "Conv", source, constant(weights), constant(random.normal(0, 0.1, outputs)), kernel_shape=[kernel] * 2,
        strides=[stride] * 2, pads=[kernel // 2] * 4, group=groups)


def slice_of(source, start, end):
    return add("Slice", source, constant([start], np.int64), constant([end], np.int64), constant([1], np.int64))


def main():
    stem = add("Relu", convolution("image", 3, 16, kernel=3, stride=2))
    pooled = add("MaxPool", stem, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    one = add("HardSwish", convolution(pooled, 16, 8))
    mean = add("AveragePool", pooled, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=0)
    two = add("LeakyRelu", convolution(mean, 16, 8), alpha=0.1)
    joined = add("LRN", add("Concat", one, two, axis=1), size=5, alpha=0.01, beta=0.75, bias=1.0)
    grouped = add("Clip", convolution(joined, 16, 16, kernel=3, groups=2), constant(-1.0), constant(2.0))
    parts = add("Reshape", grouped, constant([1, 2, 8, 16, 16], np.int64))
    shuffled = add(
        "Reshape", add("Transpose", parts, perm=[0, 2, 1, 3, 4]), constant([1, 16, 16, 16], np.int64))
    product = add("Mul", slice_of(shuffled, 0, 8), add("HardSigmoid", slice_of(shuffled, 8, 16), alpha=0.2, beta=0.5))
    both = add("Concat", product, slice_of(shuffled, 8, 16), axis=1)
    squeezed = add("Relu", convolution(add("GlobalAveragePool", both), 16, 8))
    excited = add("Mul", both, add("Sigmoid", convolution(squeezed, 8, 16)))
    summed = add("Add", excited, joined)
    silu = add("Mul", summed, add("Sigmoid", summed))
    padded = add("Pad", silu, constant([0, 0, 1, 1, 0, 0, 0, 2], np.int64), constant(0.0))
    last = add("Relu", convolution(padded, 16, 24, kernel=3))
    flat = add("Flatten", add("GlobalAveragePool", last))
    weights, bias = random.normal(0, 1, (10, 24)), random.normal(0, 0.1, 10)
    add("Softmax", add("Gemm", flat, constant(weights), constant(bias), transB=1), axis=1)
    nodes[-1].output[0] = "probabilities"
    graph = helper.make_graph(
        nodes, "operators", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, sys.argv[1])


if __name__ == "__main__":
    main()
