"""Runs the networks that the field uses, with random weights, in ONNX Runtime and in Loam's fp32 path.

One row a network: the greatest difference of a result, relative to the result's greatest magnitude. At most 1e-4, else the
script exits 1. Weights are seeded; batch norms get random statistics, so that folding them matters.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import warnings

import numpy as np
import onnxruntime
import torch
from torch import nn

# torchvision beside a torch without CUDA has not its compiled operators, which no network here needs but its import names.
boxes = torch.library.Library("torchvision", "FRAGMENT")
for kind in ("nms", "qnms"):
    boxes.define(f"{kind}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402
import torchvision  # noqa: E402

warnings.filterwarnings("ignore")

TOLERANCE = 1e-4


def lenet():
    """LeCun et al. 1998, as it is written today: average pooling and tanh."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))


class Response(torch.autograd.Function):
    """Local response normalisation as the one operator that it is in ONNX; the exporter would write a dozen."""

    @staticmethod
    def forward(context, image):
        return nn.functional.local_response_norm(image, 5, 1e-2, 0.75, 2)

    @staticmethod
    def symbolic(graph, image):
        return graph.op("LRN", image, size_i=5, alpha_f=1e-2, beta_f=0.75, bias_f=2.0)


class Normalised(nn.Module):
    def forward(self, image):
        return Response.apply(image)


def alexnet_grouped():
    """Krizhevsky et al. 2012: two groups and local response normalisation, which torchvision's has not."""
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(), Normalised(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), Normalised(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(9216, 1024), nn.ReLU(), nn.Dropout(), nn.Linear(1024, 1000))


def mobilenet_v1():
    """Howard et al. 2017, width 1."""
    layers, channels = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6()], 32
    for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        layers += [nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False), nn.BatchNorm2d(channels), nn.ReLU6(),
                   nn.Conv2d(channels, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6()]
        channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))


def vision(name, **settings):
    return lambda: torchvision.models.get_model(name, weights=None, **settings)


# By name: what makes the network, and the channels and side of its input.
NETWORKS = {
    "lenet": (lenet, 1, 28),
    "alexnet": (vision("alexnet"), 3, 224),
    "alexnet_grouped": (alexnet_grouped, 3, 227),
    "googlenet": (vision("googlenet", aux_logits=False, init_weights=False), 3, 224),
    "resnet18": (vision("resnet18"), 3, 224),
    "resnet50": (vision("resnet50"), 3, 224),
    "squeezenet1_1": (vision("squeezenet1_1"), 3, 224),
    "mobilenet_v1": (mobilenet_v1, 3, 224),
    "mobilenet_v2": (vision("mobilenet_v2"), 3, 224),
    "mobilenet_v3_small": (vision("mobilenet_v3_small"), 3, 224),
    "mobilenet_v3_large": (vision("mobilenet_v3_large"), 3, 224),
    "efficientnet_lite0": (lambda: timm.create_model("efficientnet_lite0"), 3, 224),
    "efficientnet_b0": (lambda: timm.create_model("efficientnet_b0"), 3, 224),
    "shufflenet_v2_x1_0": (vision("shufflenet_v2_x1_0"), 3, 224),
    "vgg16": (vision("vgg16"), 3, 224),
}


def compare(loam, name, folder):
    """The row of one network: parameters, nodes, results and their relative difference."""
    maker, channels, side = NETWORKS[name]
    torch.manual_seed(7)
    network = maker().eval()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.7, 1.3)
            nn.init.uniform_(part.bias, -0.3, 0.3)
            nn.init.uniform_(part.running_mean, -0.2, 0.2)
            nn.init.uniform_(part.running_var, 0.5, 1.5)
    image = torch.rand(1, channels, side, side) * 2 - 1
    with torch.no_grad():
        path = folder / f"{name}.onnx"
        torch.onnx.export(network, (image,), str(path), dynamo=False, input_names=["x"], output_names=["y"], opset_version=17)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"x": image.numpy()})[0].ravel()
    np.save(folder / "input.npy", np.ascontiguousarray(image.numpy().transpose(0, 2, 3, 1)))
    run = subprocess.run(
        [loam, "infer", str(path), "--input", str(folder / "input.npy"), "--output", str(folder / "output.npy")],
        capture_output=True, text=True, check=False)
    path.unlink()
    if run.returncode != 0:
        return f"{name:20} FAILED: {run.stderr.strip()}", False
    ours = np.load(folder / "output.npy").ravel()
    error = np.abs(ours - theirs).max() / np.abs(theirs).max()
    millions = sum(p.numel() for p in network.parameters()) / 1e6
    passed = bool(error <= TOLERANCE) and np.ptp(theirs) > 0
    return (f"{name:20} {side:4} {millions:8.2f} M {len(theirs):6} {np.abs(theirs).max():12.3g} {error:10.1e}  "
            f"{'passed' if passed else 'FAILED'}"), passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="networks: " + " ".join(NETWORKS))
    parser.add_argument("--loam", required=True, help="the built program")
    parser.add_argument("networks", nargs="*", help="which networks (default: all)")
    options = parser.parse_args()
    unknown = [name for name in options.networks if name not in NETWORKS]
    if unknown:
        parser.error(f"no network {unknown}; there are {' '.join(NETWORKS)}")
    print(f"ONNX Runtime {onnxruntime.__version__}, torch {torch.__version__}, torchvision {torchvision.__version__}, fp32")
    print(f"{'network':20} {'side':>4} {'weights':>10} {'result':>6} {'greatest':>12} {'relative':>10}")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name in options.networks or NETWORKS:
            row, passed = compare(options.loam, name, Path(folder))
            print(row, flush=True)
            failed |= not passed
    print("networks: " + ("FAILED" if failed else "passed"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
