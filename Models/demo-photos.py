"""Turns the wheel of elpv-dataset into a folder of JPEG photos with an index.

usage: demo-photos.py WHEEL FOLDER     (FOLDER must not exist; called by demo-photos.sh)

index.csv has the columns path,label,group,split:
  label  functional (defect probability 0), defective (1), unsure (1/3 and 2/3: the experts disagreed)
  group  the solar module that the cell was cut from; cells of one module never stand on both sides of the split
  split  test for about 30 % of the modules of each type, chosen by the hash of the module's name; pool for the rest.
         The test side has only photos that the experts were sure of: its unsure photos are left out altogether.

The package does not say which module a cell is from, but its numbering does: the cells stand module by module, the type
(mono, poly) changes only between modules, the authors count 44 modules (18 mono and 26 poly), and all but four modules
have 60 cells. Where those four lie is seen in the photos themselves: the pattern of contacts and the brightness change.
"""

import csv
import hashlib
import io
import pathlib
import sys
import zipfile

from PIL import Image

SOURCE = "elpv_dataset/data/"
LABELS = {0.0: "functional", 1 / 3: "unsure", 2 / 3: "unsure", 1.0: "defective"}
USUAL_CELLS = 60
OTHER_CELLS = {1200: 54, 1794: 50, 2144: 72, 2396: 48}  # first cell of a module, counted from 0: its cells
MODULES = {"mono": 18, "poly": 26}
TEST_SHARE = 0.3
JPEG_QUALITY = 95


def modules(kinds):
    """The module of each cell: [(name, kind)], one for each element of `kinds`."""
    result = []
    while len(result) < len(kinds):
        first = len(result)
        count = OTHER_CELLS.get(first, USUAL_CELLS)
        kind = kinds[first]
        if set(kinds[first : first + count]) != {kind}:
            sys.exit(f"cells {first} to {first + count - 1} are not of one type: not the data set this script knows")
        result += [(f"{kind}-module-{first:04d}", kind)] * count
    if len(result) != len(kinds):
        sys.exit(f"{len(kinds)} cells do not make whole modules: not the data set this script knows")
    return result


def test_modules(names):
    """The modules of the test side, out of the (name, kind) in `names`."""
    chosen = set()
    for kind, count in MODULES.items():
        of_kind = sorted({name for name, its_kind in names if its_kind == kind}, key=hash_of)
        if len(of_kind) != count:
            sys.exit(f"{len(of_kind)} {kind} modules instead of {count}: not the data set this script knows")
        chosen.update(of_kind[: round(TEST_SHARE * count)])
    return chosen


def hash_of(name):
    return hashlib.sha256(name.encode()).hexdigest()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    wheel, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    (folder / "images").mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        rows = [line.split() for line in archive.read(SOURCE + "labels.csv").decode().splitlines()]
        names = modules([kind for _, _, kind in rows])
        tested = test_modules(names)
        with open(folder / "index.csv", "w", newline="") as file:
            index = csv.writer(file, lineterminator="\n")
            index.writerow(["path", "label", "group", "split"])
            for (path, probability, _), (module, _) in zip(rows, names):
                label = LABELS[float(probability)]
                split = "test" if module in tested else "pool"
                if split == "test" and label == "unsure":
                    continue
                target = pathlib.Path(path).with_suffix(".jpg")
                with Image.open(io.BytesIO(archive.read(SOURCE + path))) as photo:
                    photo.convert("L").save(folder / target, quality=JPEG_QUALITY)
                index.writerow([target.as_posix(), label, module, split])


if __name__ == "__main__":
    main()
