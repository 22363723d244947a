"""Runs one model in one engine, in a process of its own; prints one line of JSON.

usage: speed_engine.py ENGINE MODEL THREADS RUNS PIXELS     (called by speed.py)

Loading is all between the imported library and a network that can run; the first run, some unmeasured ones and RUNS
measured ones follow. A run hands the prepared pixels over and takes the scores back. Memory is this process's peak, and
what it is above the imported library.
"""

import json
import os
import sys
import time

ENGINE, MODEL, THREADS, RUNS, PIXELS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402

WARMING = 5


def memory(field):
    """Bytes, of /proc/self/status."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ":"))


def real(pixels, is_inner):
    """fp32 as the networks take it, with channels innermost or outermost."""
    values = (pixels.astype(np.float32) - 127) / 128
    return np.ascontiguousarray(values[None] if is_inner else values.transpose(2, 0, 1)[None])


def steps(pixels, scale, zero, kind):
    """Pixels as a quantised input."""
    limits = np.iinfo(kind)
    return np.clip(np.rint(real(pixels, True) / scale) + zero, limits.min, limits.max).astype(kind)


# Each yields once its library is imported, then what runs the network once and returns its scores.


def litert(pixels):
    from ai_edge_litert.interpreter import Interpreter

    yield
    interpreter = Interpreter(MODEL, num_threads=THREADS)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    image = steps(pixels, *source["quantization"], source["dtype"])

    def run():
        interpreter.set_tensor(source["index"], image)
        interpreter.invoke()
        return interpreter.get_tensor(result["index"])

    yield run


def onnxruntime(pixels):
    import onnxruntime as library

    yield
    settings = library.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = THREADS, 1
    settings.execution_mode = library.ExecutionMode.ORT_SEQUENTIAL
    session = library.InferenceSession(MODEL, settings, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: real(pixels, False)}
    yield lambda: session.run(None, feed)[0]


def openvino(pixels):
    import openvino as library

    yield
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": THREADS, "NUM_STREAMS": 1}
    network = library.Core().compile_model(MODEL, "CPU", settings)
    source = network.input(0)
    kind = source.element_type.to_dtype()
    # A quantised input's scale is not to be had here; one that is a pixel's is near enough for a time.
    zero = 0 if kind == np.int8 else 127
    image = real(pixels, source.shape[3] == 3) if kind == np.float32 else steps(pixels, 1 / 128, zero, kind)
    request = network.create_infer_request()

    def run():
        request.infer([image])
        return request.get_output_tensor(0).data

    yield run


def mnn(pixels):
    import MNN as library

    yield
    interpreter = library.Interpreter(MODEL)
    session = interpreter.createSession({"backend": "CPU", "numThread": THREADS, "precision": "normal"})
    source, result = interpreter.getSessionInput(session), interpreter.getSessionOutput(session)
    inner = source.getShape()[-1] == 3
    values = real(pixels, inner)
    layout = library.Tensor_DimensionType_Tensorflow if inner else library.Tensor_DimensionType_Caffe
    image = library.Tensor(values.shape, library.Halide_Type_Float, values, layout)
    scores = library.Tensor(
        result.getShape(), library.Halide_Type_Float, np.zeros(result.getShape(), np.float32),
        library.Tensor_DimensionType_Caffe)

    def run():
        source.copyFrom(image)
        interpreter.runSession(session)
        result.copyToHostTensor(scores)
        return np.array(scores.getData())

    yield run


def main():
    pixels = np.load(PIXELS)
    engine = {"litert": litert, "onnxruntime": onnxruntime, "openvino": openvino, "mnn": mnn}[ENGINE](pixels)
    next(engine)
    imported = memory("VmRSS")
    clock = time.perf_counter
    start = clock()
    run = next(engine)
    loaded = clock()
    scores = run()
    first = clock()
    for _ in range(WARMING):
        run()
    times = []
    for _ in range(RUNS):
        before = clock()
        run()
        times.append((clock() - before) * 1e3)
    times.sort()
    # A MobileNet may have a class "background" before the thousand.
    scores = np.asarray(scores).ravel()[-1000:]
    peak = memory("VmHWM")
    print(json.dumps({
        "load_ms": (loaded - start) * 1e3, "first_ms": (first - loaded) * 1e3, "min_ms": times[0],
        "median_ms": times[(RUNS - 1) // 2], "p90_ms": times[min(RUNS - 1, RUNS * 9 // 10)],
        "peak_rss_bytes": peak, "above_import_bytes": peak - imported, "top": int(scores.argmax()),
    }))


if __name__ == "__main__":
    main()
