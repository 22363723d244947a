"""Makes the small networks in tflite/ and what LiteRT computes with them (tflite/golden.json).

usage: make_tflite_golden.py     (needs numpy, flatbuffers and ai-edge-litert of the versions printed into golden.json)

The files are written with the schema that LiteRT brings, table by table, so no converter is needed. Weights are random,
seed 7; the ranges of quantised activations are those that the fp32 network has for the image, so nothing saturates much.
For quantised networks every activation is recorded, as the reference kernels and as the default ones compute it.
The hostile files are for the refusals that a test expects. The diff of a new run is to be reviewed.
"""

import json
import pathlib
from importlib.metadata import version

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

FOLDER = pathlib.Path(__file__).parent / "tflite"
TYPES = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int64": 4, "int8": 9}
SAME, VALID = 0, 1
NONE, RELU, RELU_N1, RELU6, TANH = range(5)
OPERATOR = schema.BuiltinOperator


class Maker:
    """A TensorFlow Lite file, an operator at a time. Activations are known by their tensor's index."""

    def __init__(self, kind, shape, seed=7):
        self.kind = kind  # "float32", "int8" or "uint8"
        self.chance = np.random.default_rng(seed)
        self.tensors, self.buffers, self.operators, self.codes = [], [schema.BufferT()], [], []
        self.forms = {}
        self.input = self.tensor("image", shape, kind, self.form(-1.0, 0.992) if kind != "float32" else None)
        self.quantised = kind != "float32"

    def form(self, low, high):
        """Scale and zero point of an activation over low...high, which holds 0."""
        low, high = min(low, 0.0), max(high, 0.0, low + 1e-3)
        least = 0 if self.kind == "uint8" else -128
        scale = np.float32((high - low) / 255)
        return [float(scale)], [int(np.clip(np.rint(least - low / scale), least, least + 255))], 0

    def tensor(self, name, shape, kind, form=None, data=None, signature=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, [int(side) for side in shape], TYPES[kind], 0
        if signature is not None:
            tensor.shapeSignature = signature
        if form is not None:
            details = schema.QuantizationParametersT()
            details.scale, details.zeroPoint, details.quantizedDimension = form
            tensor.quantization = details
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(tensor)
        self.forms[len(self.tensors) - 1] = form
        return len(self.tensors) - 1

    def constant(self, name, values, kind="int32"):
        values = np.asarray(values, dtype=kind)
        return self.tensor(name, values.shape, kind, None, values)

    def add(self, code, inputs, name, shape, options=None, options_type=0, span=None, form=None, kind=None):
        """An operator; `span` is the range of its result if that is quantised anew, `form` one it must have."""
        if code not in self.codes:
            self.codes.append(code)
        kind = kind or self.kind
        if kind in ("int8", "uint8") and form is None:
            form = self.form(*span) if span else self.forms[inputs[0]]
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs = self.codes.index(code), inputs
        operator.outputs = [self.tensor(name, shape, kind, form if kind in ("int8", "uint8") else None)]
        operator.builtinOptions, operator.builtinOptionsType = options, options_type
        self.operators.append(operator)
        return operator.outputs[0]

    def weights(self, name, shape, axis, depth, input, wide=False):
        """Weights and bias of a layer with outputs along `axis`, in the network's kind."""
        outputs = shape[axis]
        real = self.chance.standard_normal(shape) * (1.6 / depth) ** 0.5
        bias = self.chance.standard_normal(outputs) * 0.3
        if not self.quantised:
            return [self.constant(name + ".w", real, "float32"), self.constant(name + ".b", bias, "float32")]
        [input_scale] = self.forms[input][0]
        if self.kind == "int8":
            others = tuple(index for index in range(len(shape)) if index != axis)
            scales = np.float32(np.abs(real).max(axis=others) / 127)
            along = [1] * len(shape)
            along[axis] = outputs
            stored = np.clip(np.rint(real / scales.reshape(along)), -127, 127).astype(np.int8)
            zeros = [0] * outputs
        else:
            # One scale for all; the zero point is not in the middle, and with `wide` far from it.
            low, high = real.min(), real.max()
            scale = np.float32((high - low) / 255)
            zero = int(np.clip(np.rint(-low / scale), 0, 255))
            if not wide:
                scale, zero = np.float32(max(-low / 128, high / 127) * 1.02), 126
                limits = zero - 128, zero + 127
            else:
                scale, zero = scale * np.float32(0.7), 90
                limits = 0, 255
            stored = np.clip(np.rint(real / scale) + zero, max(0, limits[0]), min(255, limits[1])).astype(np.uint8)
            scales, zeros = np.float32([scale]), [zero]
        units = np.rint(bias / (np.float64(input_scale) * scales)).astype(np.int32)
        form = [float(scale) for scale in scales], zeros, axis if len(scales) > 1 else 0
        bias_form = [float(np.float32(input_scale) * scale) for scale in scales], [0] * len(scales), 0
        return [
            self.tensor(name + ".w", shape, self.kind, form, stored),
            self.tensor(name + ".b", [outputs], "int32", bias_form, units),
        ]

    def shape(self, index):
        return self.tensors[index].shape

    @staticmethod
    def extent(side, window, stride, padding, dilation=1):
        return -(-side // stride) if padding == SAME else (side - (window - 1) * dilation - 1) // stride + 1

    def convolution(self, x, name, outputs, kernel=3, stride=1, padding=SAME, activation=RELU6, groups=1, dilation=1,
                    span=None, wide=False):
        _, height, width, channels = self.shape(x)
        options = schema.Conv2DOptionsT()
        options.padding, options.strideW, options.strideH = padding, stride, stride
        options.dilationWFactor, options.dilationHFactor = dilation, dilation
        options.fusedActivationFunction = activation
        shape = [outputs, kernel, kernel, channels // groups]
        stored = self.weights(name, shape, 0, kernel * kernel * shape[3], x, wide)
        sides = [self.extent(side, kernel, stride, padding, dilation) for side in (height, width)]
        span = span or {RELU6: (0, 6), RELU: (0, 4), RELU_N1: (-1, 1)}.get(activation, (-3, 3.2))
        return self.add(OPERATOR.CONV_2D, [x, *stored], name, [1, *sides, outputs], options,
                        schema.BuiltinOptions.Conv2DOptions, span)

    def depthwise(self, x, name, kernel=3, stride=1, padding=SAME, activation=RELU6, multiplier=1, dilation=1, wide=False):
        _, height, width, channels = self.shape(x)
        options = schema.DepthwiseConv2DOptionsT()
        options.padding, options.strideW, options.strideH = padding, stride, stride
        options.dilationWFactor, options.dilationHFactor = dilation, dilation
        options.depthMultiplier, options.fusedActivationFunction = multiplier, activation
        outputs = channels * multiplier
        stored = self.weights(name, [1, kernel, kernel, outputs], 3, kernel * kernel, x, wide)
        sides = [self.extent(side, kernel, stride, padding, dilation) for side in (height, width)]
        return self.add(OPERATOR.DEPTHWISE_CONV_2D, [x, *stored], name, [1, *sides, outputs], options,
                        schema.BuiltinOptions.DepthwiseConv2DOptions, {RELU6: (0, 6)}.get(activation, (-3, 3.2)))

    def sum(self, x, y, name, activation=NONE):
        options = schema.AddOptionsT()
        options.fusedActivationFunction = activation
        return self.add(OPERATOR.ADD, [x, y], name, self.shape(x), options, schema.BuiltinOptions.AddOptions, (-5, 5.5))

    def pad(self, x, name, top, bottom, left, right):
        _, height, width, channels = self.shape(x)
        sides = self.constant(name + ".sides", [[0, 0], [top, bottom], [left, right], [0, 0]])
        shape = [1, height + top + bottom, width + left + right, channels]
        return self.add(OPERATOR.PAD, [x, sides], name, shape, schema.PadOptionsT(), schema.BuiltinOptions.PadOptions)

    def mean(self, x, name, keep=False):
        options = schema.ReducerOptionsT()
        options.keepDims = keep
        channels = self.shape(x)[3]
        axes = self.constant(name + ".axes", [1, 2])
        return self.add(OPERATOR.MEAN, [x, axes], name, [1, 1, 1, channels] if keep else [1, channels], options,
                        schema.BuiltinOptions.ReducerOptions, (-2, 4))

    def average(self, x, name, height, width, stride=1, padding=VALID, code=None):
        options = schema.Pool2DOptionsT()
        options.padding, options.strideW, options.strideH = padding, stride, stride
        options.filterWidth, options.filterHeight = width, height
        _, rows, columns, channels = self.shape(x)
        shape = [1, self.extent(rows, height, stride, padding), self.extent(columns, width, stride, padding), channels]
        return self.add(code or OPERATOR.AVERAGE_POOL_2D, [x], name, shape, options, schema.BuiltinOptions.Pool2DOptions)

    def reshape(self, x, name, shape):
        wanted = self.constant(name + ".shape", shape)
        return self.add(OPERATOR.RESHAPE, [x, wanted], name, shape)

    def dense(self, x, name, outputs):
        options = schema.FullyConnectedOptionsT()
        inputs = int(np.prod(self.shape(x)))
        stored = self.weights(name, [outputs, inputs], 0, inputs, x) if self.kind != "int8" else self.dense_bytes(x, name, outputs, inputs)
        return self.add(OPERATOR.FULLY_CONNECTED, [x, *stored], name, [1, outputs], options,
                        schema.BuiltinOptions.FullyConnectedOptions, (-4, 4))

    def dense_bytes(self, x, name, outputs, inputs):
        """int8 fully connected layers of most converters have one scale for all outputs."""
        real = self.chance.standard_normal([outputs, inputs]) * (1.6 / inputs) ** 0.5
        scale = np.float32(np.abs(real).max() / 127)
        [input_scale] = self.forms[x][0]
        units = np.rint(self.chance.standard_normal(outputs) * 0.3 / (input_scale * scale)).astype(np.int32)
        stored = np.clip(np.rint(real / scale), -127, 127).astype(np.int8)
        return [
            self.tensor(name + ".w", [outputs, inputs], "int8", ([float(scale)], [0], 0), stored),
            self.tensor(name + ".b", [outputs], "int32", ([float(np.float32(input_scale) * scale)], [0], 0), units),
        ]

    def softmax(self, x, name):
        options = schema.SoftmaxOptionsT()
        options.beta = 1.0
        form = ([1 / 256], [0 if self.kind == "uint8" else -128], 0)
        return self.add(OPERATOR.SOFTMAX, [x], name, self.shape(x), options, schema.BuiltinOptions.SoftmaxOptions, form=form)

    def quantise(self, x, name, kind, form):
        code = OPERATOR.DEQUANTIZE if kind == "float32" else OPERATOR.QUANTIZE
        return self.add(code, [x], name, self.shape(x), form=form, kind=kind)

    def plain(self, code, x, name, span=None):
        """An operator without options."""
        return self.add(code, [x], name, self.shape(x), span=span)

    def pack(self, *outputs, custom=None):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = self.tensors, self.operators, [self.input], list(outputs)
        model = schema.ModelT()
        model.version, model.subgraphs, model.buffers, model.description = 3, [graph], self.buffers, "golden"
        model.operatorCodes = []
        for code in self.codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode, entry.deprecatedBuiltinCode, entry.version = code, min(code, 127), 1
            if code == OPERATOR.CUSTOM:
                entry.customCode = custom
            model.operatorCodes.append(entry)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def classifier(kind, wide=False, shape=(1, 11, 10, 3)):
    """A stem, blocks with a residual, every kind of padding, two outputs a channel, a mean and a classifier."""
    maker = Maker(kind, shape)
    x = maker.convolution(maker.input, "stem", 8, stride=2, wide=wide)
    y = maker.convolution(x, "expand", 12, kernel=1, wide=wide)
    y = maker.depthwise(y, "deep", wide=wide)
    y = maker.convolution(y, "project", 8, kernel=1, activation=NONE, wide=wide)
    x = maker.sum(x, y, "sum")
    x = maker.pad(x, "pad", 1, 0, 2, 1)
    x = maker.depthwise(x, "twice", kernel=2, padding=VALID, multiplier=2, activation=NONE, wide=wide)
    x = maker.convolution(x, "valid", 6, kernel=3, padding=VALID, dilation=2 if kind == "float32" else 1, activation=RELU, wide=wide)
    return maker, x


def with_mean(kind, wide=False):
    maker, x = classifier(kind, wide)
    x = maker.mean(x, "mean")
    return maker.pack(maker.softmax(maker.dense(x, "classes", 5), "probabilities"))


def with_pool(kind, wide=False):
    """The end of MobileNetV1: a pool of the whole map, a 1 × 1 convolution, a reshape."""
    maker, x = classifier(kind, wide)
    x = maker.average(x, "pool", *maker.shape(x)[1:3], stride=2)
    x = maker.convolution(x, "classes", 5, kernel=1, activation=NONE, wide=wide)
    return maker.pack(maker.softmax(maker.reshape(x, "squeezed", [1, 5]), "probabilities"))


def with_ends(kind):
    """Numbers in, numbers out, bytes between; another scale on the way, and a flattened map."""
    maker = Maker("float32", (1, 6, 6, 3))
    maker.kind, maker.quantised = kind, True
    x = maker.quantise(maker.input, "bytes", kind, maker.form(-1.0, 0.992))
    x = maker.convolution(x, "stem", 4, stride=2, activation=NONE)
    x = maker.plain(OPERATOR.RELU, x, "limited", (0, 2.5))
    x = maker.add(OPERATOR.QUANTIZE, [x], "rescaled", maker.shape(x), span=(0, 2.1))
    x = maker.reshape(x, "flat", [1, 36])
    x = maker.dense(x, "classes", 3)
    return maker.pack(maker.quantise(x, "numbers", "float32", None))


def halves():
    """fp32 with weights kept as halves, as the converter's float16 option makes them."""
    maker = Maker("float32", (1, 5, 4, 3))
    options = schema.Conv2DOptionsT()
    options.padding, options.strideW, options.strideH, options.fusedActivationFunction = SAME, 2, 1, RELU
    weights = maker.constant("half", maker.chance.standard_normal((4, 3, 3, 3)), "float16")
    bias = maker.constant("bias", maker.chance.standard_normal(4), "float32")
    weights = maker.add(OPERATOR.DEQUANTIZE, [weights], "whole", [4, 3, 3, 3])
    x = maker.add(OPERATOR.CONV_2D, [maker.input, weights, bias], "layer", [1, 5, 2, 4], options,
                  schema.BuiltinOptions.Conv2DOptions)
    return maker.pack(maker.dense(x, "classes", 3))


def more(kind):
    """Pools with padding, split, concatenated and sliced channels, squeeze and excite, functions of one element."""
    maker = Maker(kind, (1, 11, 10, 3))
    x = maker.convolution(maker.input, "stem", 8, activation=NONE)
    options = schema.LeakyReluOptionsT()
    options.alpha = 0.125
    x = maker.add(OPERATOR.LEAKY_RELU, [x], "leaky", maker.shape(x), options, schema.BuiltinOptions.LeakyReluOptions, (-1, 3.2))
    x = maker.average(x, "greatest", 3, 3, stride=2, padding=SAME, code=OPERATOR.MAX_POOL_2D)
    options = schema.SplitOptionsT()
    options.numSplits = 2
    half = [*maker.shape(x)[:3], 4]
    first = maker.add(OPERATOR.SPLIT, [maker.constant("axis", 3), x], "first", half, options, schema.BuiltinOptions.SplitOptions,
                      form=maker.forms[x])
    second = maker.tensor("second", half, kind, maker.forms[first])
    maker.operators[-1].outputs.append(second)
    second = maker.convolution(second, "middle", 4, kernel=1, activation=NONE)
    second = maker.add(OPERATOR.HARD_SWISH, [second], "swish", half, form=maker.forms[first])
    options = schema.ConcatenationOptionsT()
    options.axis = 3
    joined = [*maker.shape(x)[:3], 8]
    x = maker.add(OPERATOR.CONCATENATION, [second, first], "joined", joined, options, schema.BuiltinOptions.ConcatenationOptions)
    x = maker.average(x, "averaged", 3, 3, padding=SAME)
    options = schema.StridedSliceOptionsT()
    options.beginMask = options.endMask = 7
    places = [maker.constant(name, values) for name, values in
              (("begin", [0, 0, 0, 1]), ("end", [0, 0, 0, -1]), ("steps", [1, 1, 1, 1]))]
    x = maker.add(OPERATOR.STRIDED_SLICE, [x, *places], "sliced", [*joined[:3], 6], options,
                  schema.BuiltinOptions.StridedSliceOptions)
    gate = maker.convolution(maker.mean(x, "squeeze", keep=True), "gate", 6, kernel=1, activation=NONE)
    form = ([1 / 256], [0 if kind == "uint8" else -128], 0)
    gate = maker.add(OPERATOR.LOGISTIC, [gate], "opened", maker.shape(gate), form=form)
    x = maker.add(OPERATOR.MUL, [x, gate], "gated", maker.shape(x), schema.MulOptionsT(), schema.BuiltinOptions.MulOptions, (-1, 3))
    return maker.pack(maker.softmax(maker.dense(maker.mean(x, "mean"), "classes", 5), "probabilities"))


def run(path, image, every, resolver):
    interpreter = Interpreter(model_path=str(path), experimental_op_resolver_type=resolver,
                              experimental_preserve_all_tensors=every, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    made = [index for details in interpreter._get_ops_details() for index in details["outputs"]]
    tensors = {}
    for details in interpreter.get_tensor_details():
        if every and details["index"] in made:
            tensors[details["name"]] = interpreter.get_tensor(details["index"]).reshape(-1)
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).reshape(-1), tensors


def hostile():
    """Files that are refused: (name, bytes)."""
    maker = Maker("float32", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "tanh", 4, activation=TANH)
    x = maker.plain(OPERATOR.EXP, x, "exp")
    x = maker.add(OPERATOR.RESIZE_BILINEAR, [x, maker.constant("size", [4, 4])], "resized", [1, 4, 4, 4])
    x = maker.plain(OPERATOR.CUSTOM, x, "own")
    yield "unsupported", maker.pack(maker.convolution(x, "other_tanh", 4, activation=TANH), custom="Fancy")
    maker = Maker("float32", (4, 8, 8, 3))
    yield "batch", maker.pack(maker.convolution(maker.input, "layer", 4))
    maker = Maker("float32", (1, 8, 8, 3))
    maker.tensors[0].shape, maker.tensors[0].shapeSignature = [1, 1, 1, 3], [-1, -1, -1, 3]
    yield "open_size", maker.pack(maker.convolution(maker.input, "layer", 4, stride=2))
    maker = Maker("int8", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.tensors[x].quantization.scale = [float("nan")]
    yield "nan_scale", maker.pack(x)
    maker = Maker("int8", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.tensors[1].quantization.scale = maker.tensors[1].quantization.scale[:3]
    yield "few_scales", maker.pack(x)
    maker = Maker("float32", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.buffers[1].data = maker.buffers[1].data[:-4]
    yield "short_weights", maker.pack(x)
    maker = Maker("float32", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.operators[0].inputs = [x, *maker.operators[0].inputs[1:]]
    yield "cyclic", maker.pack(x)
    maker = Maker("float32", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.tensors[1].shape = [2_000_000_000, 2_000_000_000, 3, 3]
    yield "vast", maker.pack(x)
    maker = Maker("float32", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.operators[0].inputs = [900, *maker.operators[0].inputs[1:]]
    yield "no_such_tensor", maker.pack(x)
    maker = Maker("float32", (1, 8, 8, 3))
    x = maker.convolution(maker.input, "layer", 4)
    maker.tensors[x].shape = [1, 7, 8, 4]
    yield "wrong_extents", maker.pack(x)


def main():
    FOLDER.mkdir(exist_ok=True)
    models = {
        "real": with_mean("float32"), "real_pool": with_pool("float32"), "halves": halves(), "real_more": more("float32"),
        "int8": with_mean("int8"), "int8_pool": with_pool("int8"), "int8_ends": with_ends("int8"), "int8_more": more("int8"),
        "uint8": with_pool("uint8"), "uint8_wide": with_pool("uint8", wide=True),
    }
    chance = np.random.default_rng(11)
    cases = {}
    for name, data in models.items():
        path = FOLDER / f"{name}.tflite"
        path.write_bytes(data)
        details = Interpreter(model_path=str(path)).get_input_details()[0]
        shape, kind = details["shape"], details["dtype"]
        if kind == np.float32:
            image = (chance.integers(0, 256, shape) / 128 - 1).astype(np.float32)
        else:
            image = chance.integers(np.iinfo(kind).min, np.iinfo(kind).max + 1, shape).astype(kind)
        quantised = not name.startswith(("real", "halves"))
        output, tensors = run(path, image, quantised, OpResolverType.BUILTIN_REF)
        fast, fast_tensors = run(path, image, quantised, OpResolverType.AUTO)
        case = {"shape": [int(side) for side in shape[1:]], "input": image.reshape(-1).tolist(), "output": output.tolist()}
        if quantised:
            case["kind"] = "uint8" if name.startswith("uint8") else "int8"
            for paths, values in (("reference", tensors), ("usual", fast_tensors)):
                case[paths] = {key: value.tolist() for key, value in values.items() if value.dtype != np.float32}
            for key, value in tensors.items():
                if key in fast_tensors and value.dtype != np.float32:
                    apart = np.abs(value.astype(int) - fast_tensors[key].astype(int))
                    spread = len(np.unique(value))
                    print(f"{name} {key}: {value.size} elements, {spread} values, LiteRT's own paths differ in "
                          f"{int((apart > 0).sum())}, by at most {apart.max()}")
        else:
            print(f"{name}: {output}")
        cases[name] = case
    for name, data in hostile():
        (FOLDER / f"hostile_{name}.tflite").write_bytes(data)
    versions = {name: version(name) for name in ("ai-edge-litert", "flatbuffers", "numpy")}
    (FOLDER / "golden.json").write_text(json.dumps({"versions": versions, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
