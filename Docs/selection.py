#!/usr/bin/env python3
"""Prints the tables of Docs/selection.md from the results of Docs/selection.sh.

  selection.py RESULTS
"""
import json
import math
import pathlib
import sys

PACKS = ["cxr2", "eth80", "dogs8", "signs10", "trash6"]
GROUPS = ["cxr2-groups", "eth80-groups", "signs10-groups"]
RIVALS = ["margin", "badge", "coreset", "typiclust"]


def read(folder, name):
    path = pathlib.Path(folder) / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def strategy(result, name):
    return next(s for s in result["strategies"] if s["name"] == name)


def labels(item, percent):
    entry = next(e for e in item["labels_to"] if e["percent"] == percent)
    count, ratio = entry["labels"], entry["ratio_to_random"]
    return ("—" if count is None else f"{count:.0f}"), ratio


def areas(item):
    """The area under each seed's curve over log2 labels, as the program computes its mean."""
    x = [math.log2(n) for n in item["labels"]]
    width = x[-1] - x[0]
    return [sum((x[i + 1] - x[i]) * (r[i] + r[i + 1]) / 2 for i in range(len(x) - 1)) / width for r in item["runs"]]


def paired(a, b):
    d = [100 * (p - q) for p, q in zip(areas(a), areas(b))]
    mean = sum(d) / len(d)
    spread = math.sqrt(sum((v - mean) ** 2 for v in d) / (len(d) - 1) / len(d))
    return mean, spread


def main_table(folder):
    print("| pack | labels in pool | full pool | random 98 % | loam 95 / 98 / 100 % | × random at 98 % | best rival by area | loam − rival, area | below random at |")
    print("|---|---|---|---|---|---|---|---|---|")
    ratios = []
    for name in PACKS + GROUPS:
        result = read(folder, name)
        if not result:
            continue
        loam, random = strategy(result, "loam"), strategy(result, "random")
        count, ratio = labels(loam, 98)
        best = max(RIVALS, key=lambda n: strategy(result, n)["area"])
        mean, spread = paired(loam, strategy(result, best))
        below = ", ".join(map(str, loam["against_random"]["below_at"])) or "nowhere"
        ratios.append((name, ratio))
        print(f"| {name} | {result['candidates']} | {100 * result['full_accuracy']:.1f} % | {labels(random, 98)[0]} | "
              f"{labels(loam, 95)[0]} / {count} / {labels(loam, 100)[0]} | {ratio:.2f} | {best} | "
              f"{mean:+.2f} ± {spread:.2f} | {below} |")
    for title, names in (("packs", PACKS), ("packs and groups", PACKS + GROUPS)):
        some = [r for n, r in ratios if n in names and r is not None]
        if some:
            print(f"\nMean × random at 98 % over {len(some)} {title}: {sum(some) / len(some):.2f}, largest {max(some):.2f}.")


def area_table(folder):
    names = None
    for name in PACKS + GROUPS:
        result = read(folder, name)
        if not result:
            continue
        if names is None:
            names = [s["name"] for s in result["strategies"]]
            print("\n| pack | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
        print(f"| {name} | " + " | ".join(f"{100 * strategy(result, n)['area']:.1f}" for n in names) + " |")


def condition_table(folder):
    print("\n| condition | full pool | random 98 % | margin 98 % | loam 98 % | × random | area, loam − random | below random at |")
    print("|---|---|---|---|---|---|---|---|")
    for suffix in ("noise5", "noise10", "80", "95"):
        for pack in PACKS:
            result = read(folder, f"{pack}-{suffix}")
            if not result:
                continue
            loam, random = strategy(result, "loam"), strategy(result, "random")
            count, ratio = labels(loam, 98)
            mean, spread = paired(loam, random)
            below = ", ".join(map(str, loam["against_random"]["below_at"])) or "nowhere"
            print(f"| {pack}, {suffix} | {100 * result['full_accuracy']:.1f} % | {labels(random, 98)[0]} | "
                  f"{labels(strategy(result, 'margin'), 98)[0]} | {count} | {'—' if ratio is None else f'{ratio:.2f}'} | "
                  f"{mean:+.2f} ± {spread:.2f} | {below} |")


main_table(sys.argv[1])
area_table(sys.argv[1])
condition_table(sys.argv[1])
