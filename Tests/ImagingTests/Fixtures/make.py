#!/usr/bin/env python3
"""Makes the photos and expected pictures of ImagingTests again: python3 make.py

Needs Pillow (made with 13.0.0, its libjpeg-turbo 3.2.0). Everything is drawn here from formulas and a fixed
seed. The expected pictures (.ppm) are Pillow's own: decoded at full size, then resized.
"""
import io
import math
import os
import random
import struct

from PIL import Image, ImageChops, ImageDraw

HERE = os.path.dirname(os.path.abspath(__file__))
FILTERS = {"triangle": Image.Resampling.BILINEAR, "catmullRom": Image.Resampling.BICUBIC}


def scene(width, height, seed=1):
    """Slow and fast gradients, edges, thin lines, some noise; nothing is symmetric."""
    rng = random.Random(seed)
    image = Image.new("RGB", (width, height))
    pixels = image.load()
    for y in range(height):
        for x in range(width):
            u, v = x / width, y / height
            noise = rng.randint(-6, 6)
            pixels[x, y] = tuple(
                max(0, min(255, int(value) + noise))
                for value in (
                    40 + 180 * u,
                    60 + 150 * v + 30 * math.sin(18 * u),
                    200 - 160 * u * v,
                )
            )
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.1, height * 0.15, width * 0.4, height * 0.6), fill=(230, 60, 40))
    draw.rectangle((width * 0.6, height * 0.1, width * 0.9, height * 0.35), fill=(20, 40, 160))
    for i in range(8):
        draw.line((width * 0.5 + i * 4, height * 0.95, width * 0.9, height * 0.5 + i * 3), fill=(250, 250, 240))
    return image


def path(name):
    return os.path.join(HERE, name)


def save_ppm(image, name):
    image = image.convert("RGB")
    with open(path(name + ".ppm"), "wb") as file:
        file.write(b"P6\n%d %d\n255\n" % image.size + image.tobytes())


def expect(name, width, height, filter_name="triangle", box=None, suffix=""):
    image = Image.open(path(name + ".jpg")).convert("RGB")
    save_ppm(
        image.resize((width, height), FILTERS[filter_name], box=box),
        f"{name}-{width}x{height}-{filter_name}{suffix}",
    )


def ycck(image, name):
    """Pillow writes four channels untransformed: give it Y, Cb, Cr and K, and say so in Adobe's marker."""
    inks = Image.new("RGB", image.size)
    black = Image.new("L", image.size)
    for y in range(image.height):
        for x in range(image.width):
            rgb = image.getpixel((x, y))
            light = max(max(rgb), 1)
            inks.putpixel((x, y), tuple(255 - value * 255 // light for value in rgb))
            black.putpixel((x, y), light)
    # Adobe's inverted four channels: Y, Cb, Cr of the inks and the light that black leaves.
    planes = (*inks.convert("YCbCr").split(), black)
    stored = [ImageChops.invert(plane) for plane in planes]  # Pillow inverts them when it saves
    buffer = io.BytesIO()
    Image.merge("CMYK", stored).save(buffer, "JPEG", quality=90)
    data = bytearray(buffer.getvalue())
    marker = data.index(b"\xff\xeeAdobe".replace(b"Adobe", struct.pack(">H", 14) + b"Adobe"))
    data[marker + 15] = 2
    with open(path(name + ".jpg"), "wb") as file:
        file.write(data)


def main():
    for old in os.listdir(HERE):
        if old.endswith((".jpg", ".ppm")):
            os.remove(path(old))
    small = scene(96, 72)
    small.save(path("rgb.jpg"), quality=90)
    small.save(path("rgb444.jpg"), quality=90, subsampling=0)
    small.save(path("rgb422.jpg"), quality=90, subsampling=1)
    small.save(path("progressive.jpg"), quality=90, progressive=True)
    small.save(path("restart.jpg"), quality=90, restart_marker_blocks=3)
    small.convert("L").save(path("grey.jpg"), quality=90)
    small.convert("CMYK").save(path("cmyk.jpg"), quality=90)
    ycck(small, "ycck")
    scene(1, 1).save(path("1x1.jpg"), quality=90)
    scene(17, 3).save(path("17x3.jpg"), quality=90)
    scene(480, 360).save(path("large.jpg"), quality=80)

    upright = scene(64, 40, seed=3)
    save_ppm(upright, "upright")
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    for value, how in undo.items():
        exif = Image.Exif()
        exif[0x0112] = value
        exif[0x010F] = "Loam"
        stored = upright if how is None else upright.transpose(how)
        stored.save(path(f"orientation{value}.jpg"), quality=92, exif=exif)

    for name in ("rgb", "rgb444", "rgb422", "progressive", "restart", "grey", "cmyk", "ycck"):
        expect(name, 32, 24)
    for filter_name in FILTERS:
        expect("rgb", 41, 53, filter_name)
        expect("17x3", 20, 30, filter_name)
        expect("1x1", 5, 4, filter_name)
    expect("rgb", 32, 32, box=(12, 0, 84, 72), suffix="-crop")
    expect("rgb", 96, 72)
    expect("large", 64, 48)


main()
