"""What the comparisons share: photos of a folder as pixels, and what `loam infer` makes of them."""

import pathlib
import subprocess

import numpy as np
from PIL import Image

SUFFIXES = {".jpg", ".jpeg", ".png"}


def load(folder, count, height, width):
    """`count` photos spread over `folder`, squashed to height × width: their paths, and uint8 [N, height, width, 3]."""
    found = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise SystemExit(f"{folder}: no photos ({', '.join(sorted(SUFFIXES))}); name a folder that has some")
    step = max(1.0, len(found) / count)
    chosen = [found[int(place * step)] for place in range(min(count, len(found)))]
    images = [Image.open(path).convert("RGB").resize((width, height), Image.Resampling.BICUBIC) for path in chosen]
    return chosen, np.stack([np.asarray(image) for image in images])


def infer(loam, model, pixels, tensor, folder):
    """The tensor that Loam computes for each photo, [N, …]."""
    source, result = pathlib.Path(folder) / "pixels.npy", pathlib.Path(folder) / f"{tensor}.npy"
    np.save(source, pixels)
    command = [loam, "infer", model, "--input", source, "--output", result, "--tensor", tensor]
    subprocess.run([str(part) for part in command], check=True)
    return np.load(result)


def preprocessed(pixels, mean, deviation):
    """fp32 [N, 3, height, width] as a network of PyTorch takes it: (pixel − mean) / deviation."""
    real = (pixels.astype(np.float32) - np.float32(mean)) / np.float32(deviation)
    return np.ascontiguousarray(real.transpose(0, 3, 1, 2))
