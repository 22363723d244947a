"""Runs the networks that the field uses, with random weights, in ONNX Runtime and in Loam's fp32 path.

One row a network: the greatest difference of a result, relative to the result's greatest magnitude. At most 1e-4, else
the script exits 1. Weights are seeded; batch norms get random statistics, so that folding them matters.

With --plans each is quantised instead, calibrated on images of coloured clouds, and a row says how many bytes its int8
body needs for activations, beside the least that any plan with the same strips needs: at most 1.05 times that, else the
script exits 1. The bytes depend on the shapes alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from torch import nn

# torchvision beside a torch without CUDA has not its compiled operators, which no network here needs but its import
# names.
boxes = torch.library.Library("torchvision", "FRAGMENT")
for kind in ("nms", "qnms"):
    boxes.define(f"{kind}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402
import torchvision  # noqa: E402

warnings.filterwarnings("ignore")

TOLERANCE = 1e-4

# An arena may have so many times the bytes of its lower bound.
ABOVE_BOUND = 1.05


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
    for outputs, stride in [
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        layers += [nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False), nn.BatchNorm2d(channels),
                   nn.ReLU6(), nn.Conv2d(channels, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6()]
        channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))


# MCUNet-in3, for 320 KB, at 176 pixels: Lin et al., "MCUNet: Tiny Deep Learning on IoT Devices", NeurIPS 2020; the
# blocks of its authors' released model mcunet-320kb-1mb_imagenet. Figures of one block: expansion, kernel, outputs,
# stride. They give the 81.8 million multiply-accumulates and 0.74 million weights that the authors state for it.
MCUNET_BLOCKS = [
    (1, 3, 8, 1), (3, 7, 16, 2), (5, 3, 16, 1), (5, 7, 16, 1), (4, 5, 16, 1), (5, 5, 24, 2), (5, 5, 24, 1),
    (5, 5, 24, 1), (5, 3, 40, 2), (6, 7, 40, 1), (4, 5, 40, 1), (5, 5, 48, 1), (5, 7, 48, 1), (5, 3, 48, 1),
    (6, 3, 96, 2), (5, 7, 96, 1), (4, 3, 96, 1), (5, 7, 160, 1)]


class Bottleneck(nn.Module):
    """Expands by 1 × 1 (if at all), depthwise k × k, projects by 1 × 1; its input is added where shapes agree."""

    def __init__(self, inputs, expansion, kernel, outputs, stride):
        super().__init__()
        inner = inputs * expansion
        layers = [] if expansion == 1 else [nn.Conv2d(inputs, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU6()]
        layers += [
            nn.Conv2d(inner, inner, kernel, stride, kernel // 2, groups=inner, bias=False), nn.BatchNorm2d(inner),
            nn.ReLU6(), nn.Conv2d(inner, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.layers = nn.Sequential(*layers)
        self.is_added = stride == 1 and inputs == outputs

    def forward(self, image):
        result = self.layers(image)
        return image + result if self.is_added else result


def mcunet_in3():
    """The blocks above between a convolution of 16 outputs and the classifier, which reads the last block's 160."""
    layers, channels = [nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6()], 16
    for expansion, kernel, outputs, stride in MCUNET_BLOCKS:
        layers.append(Bottleneck(channels, expansion, kernel, outputs, stride))
        channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000))


def vision(name, **settings):
    return lambda: torchvision.models.get_model(name, weights=None, **settings)


def of_timm(name):
    return lambda: timm.create_model(name)


# By name: what makes the network, and the channels and side of its input as published (EfficientNet-Lite's are those of
# its TensorFlow authors; timm has others for 3 and 4).
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
    **{f"efficientnet_lite{number}": (of_timm(f"efficientnet_lite{number}"), 3, side)
       for number, side in enumerate((224, 240, 260, 280, 300))},
    "efficientnet_b0": (of_timm("efficientnet_b0"), 3, 224),
    "shufflenet_v2_x1_0": (vision("shufflenet_v2_x1_0"), 3, 224),
    "mcunet_in3": (mcunet_in3, 3, 176),
    "vgg16": (vision("vgg16"), 3, 224),
}


def exported(name, folder):
    """The network of that name, an image for it, and its file as ONNX."""
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
    path = folder / f"{name}.onnx"
    with torch.no_grad():
        torch.onnx.export(
            network, (image,), str(path), dynamo=False, input_names=["x"], output_names=["y"], opset_version=17)
    return network, image, path


def compare(loam, name, folder):
    """The row of one network: parameters, nodes, results and their relative difference."""
    network, image, path = exported(name, folder)
    side = image.shape[-1]
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


def plan(loam, name, folder):
    """The row of one network: what `loam plan` says of its int8 body; and whether that is near its lower bound."""
    path, model = exported(name, folder)[-1], folder / f"{name}.loam"
    photos = folder / "photos"
    if not photos.is_dir():
        photos.mkdir()
        chance = np.random.default_rng(3)
        for number in range(4):
            coarse = Image.fromarray(chance.integers(0, 256, (12, 12, 3), dtype=np.uint8))
            coarse.resize((320, 320), Image.Resampling.BICUBIC).save(photos / f"{number}.jpg")
    # A network without a fully connected layer says where its body shall end: before its last pool.
    nodes = onnx.load(path).graph.node
    pools = [node.input[0] for node in nodes if node.op_type == "GlobalAveragePool"]
    cut = [] if any(node.op_type == "Gemm" for node in nodes) else ["--cut", pools[-1]]
    try:
        subprocess.run([loam, "import", path, "--calibrate", photos, "--output", model, *cut],
                       capture_output=True, text=True, check=True)
        run = subprocess.run(
            [loam, "plan", model, "--tail", "none", "--threads", "1", "--json"], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        return f"| {name} | FAILED: loam {error.cmd[1]}: {error.stderr.strip().splitlines()[-1]} |", False
    finally:
        path.unlink()
        model.unlink(missing_ok=True)
    found = json.loads(run.stdout)
    arena, bound = found["arena_bytes"], found["arena_lower_bound_bytes"]
    near = arena <= ABOVE_BOUND * bound
    return (f"| {name} | {NETWORKS[name][2]} | {arena:,} | {bound:,} | {arena / bound:.3f} | "
            f"{found['arena_whole_bytes']:,} | {found['parts']['scratch']:,} | {'met' if near else 'missed'} |"), near


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="networks: " + " ".join(NETWORKS))
    parser.add_argument("--loam", required=True, help="the built program")
    parser.add_argument("--plans", action="store_true", help="print the memory of the int8 bodies instead, as Markdown")
    parser.add_argument("networks", nargs="*", help="which networks (default: all)")
    options = parser.parse_args()
    unknown = [name for name in options.networks if name not in NETWORKS]
    if unknown:
        parser.error(f"no network {unknown}; there are {' '.join(NETWORKS)}")
    if options.plans:
        print("| Network | pixels | arena bytes | lower bound | ratio | whole activations | scratch | |")
        print("|---|--:|--:|--:|--:|--:|--:|---|")
    else:
        print(f"ONNX Runtime {onnxruntime.__version__}, torch {torch.__version__}, "
              f"torchvision {torchvision.__version__}, fp32")
        print(f"{'network':20} {'side':>4} {'weights':>10} {'result':>6} {'greatest':>12} {'relative':>10}")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name in options.networks or NETWORKS:
            row, passed = (plan if options.plans else compare)(options.loam, name, Path(folder))
            print(row, flush=True)
            failed |= not passed
    print("networks: " + ("FAILED" if failed else "passed"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
