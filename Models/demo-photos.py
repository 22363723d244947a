"""Turns the wheel of elpv-dataset into a folder of JPEG photos with an index.

usage: demo-photos.py WHEEL FOLDER     (FOLDER must not exist; called by demo-photos.sh)

index.csv has the columns path,label,group,split:
  label  functional (defect probability 0), defective (1), unsure (1/3 and 2/3: the experts disagreed)
  group  ten neighbouring cells of one solar module; a group never stands on both sides of the split
  split  test for about 30 % of the groups of each type, chosen by the hash of the group's name; pool for the rest.
         The test side has only photos that the experts were sure of: its unsure photos are left out altogether.

So the held-out cells are other cells of the modules that the device inspects, as in the data set's own benchmark, which
splits by cell. Cells of modules that the device has never seen are harder: see Docs/architecture.md, "The demo's photos".

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
GROUP_CELLS = 10
TEST_SHARE = 0.3
JPEG_QUALITY = 95


def groups(kinds):
    """The group of each cell: [(name, kind)], one for each element of `kinds`."""
    result, modules = [], []
    while len(result) < len(kinds):
        first = len(result)
        cells = OTHER_CELLS.get(first, USUAL_CELLS)
        kind = kinds[first]
        if set(kinds[first : first + cells]) != {kind}:
            sys.exit(f"cells {first} to {first + cells - 1} are not of one type: not the data set this script knows")
        modules.append(kind)
        result += [(f"{kind}-{first:04d}-{cell // GROUP_CELLS}", kind) for cell in range(cells)]
    if len(result) != len(kinds) or {kind: modules.count(kind) for kind in MODULES} != MODULES:
        sys.exit(f"{len(kinds)} cells make other modules than {MODULES}: not the data set this script knows")
    return result


def test_groups(names):
    """The groups of the test side, out of the (name, kind) in `names`."""
    chosen = set()
    for kind in MODULES:
        of_kind = sorted({name for name, its_kind in names if its_kind == kind}, key=hash_of)
        chosen.update(of_kind[: round(TEST_SHARE * len(of_kind))])
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
        names = groups([kind for _, _, kind in rows])
        tested = test_groups(names)
        with open(folder / "index.csv", "w", newline="") as file:
            index = csv.writer(file, lineterminator="\n")
            index.writerow(["path", "label", "group", "split"])
            for (path, probability, _), (group, _) in zip(rows, names):
                label = LABELS[float(probability)]
                split = "test" if group in tested else "pool"
                if split == "test" and label == "unsure":
                    continue
                target = pathlib.Path(path).with_suffix(".jpg")
                with Image.open(io.BytesIO(archive.read(SOURCE + path))) as photo:
                    photo.convert("L").save(folder / target, quality=JPEG_QUALITY)
                index.writerow([target.as_posix(), label, group, split])


if __name__ == "__main__":
    main()
