#!/usr/bin/env python3
"""Which functions the instructions of one inference are in.

usage: instruction_profile.py PROGRAM ONE ELEVEN
  PROGRAM  the loam for arm64 with its symbols: Firmware/.build/swift-arm64/aarch64-unknown-linux-gnu/release/loam
  ONE, ELEVEN  what count_instructions.so,output=FILE,runs=on wrote of one inference and of eleven (instructions.sh has the commands)

Prints a tenth of the difference by function, in millions, the greatest first. Needs llvm-nm (LLVM_NM names it) and, for readable names
of Swift's functions, swift-demangle.
"""

import bisect
import collections
import os
import shutil
import subprocess
import sys

# Where qemu-user puts a position-independent program for arm64.
BASE = 0x5500000000
SHOWN = 25


def symbols(program):
    """(address, name) of each function, in order."""
    nm = os.environ.get("LLVM_NM", "llvm-nm")
    text = subprocess.run([nm, "--defined-only", "--numeric-sort", program], check=True, capture_output=True, text=True).stdout
    found = [line.split(None, 2) for line in text.splitlines()]
    return [(int(at, 16), name) for at, kind, name in found if kind in "tTwW" and name[:2] not in ("$x", "$d")]


def counted(file, functions):
    addresses = [at for at, _ in functions]
    end = addresses[-1] + (1 << 16)
    sums = collections.Counter()
    with open(file) as lines:
        for line in lines:
            at, length, times = line.split()
            place = int(at, 16) - BASE
            name = functions[bisect.bisect_right(addresses, place) - 1][1] if addresses[0] <= place < end else "(libraries)"
            sums[name] += int(length) * int(times)
    return sums


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    functions = symbols(sys.argv[1])
    sums = counted(sys.argv[3], functions)
    sums.subtract(counted(sys.argv[2], functions))
    total = sum(sums.values())
    names = [name for name, _ in sums.most_common(SHOWN)]
    readable = names
    if shutil.which("swift-demangle"):
        command = ["swift-demangle", "--simplified", "--compact"]
        readable = subprocess.run(command, check=True, input="\n".join(names), capture_output=True, text=True).stdout.splitlines()
    print(f"{total / 1e7:9.2f} million in all")
    for name, shown in zip(names, readable):
        print(f"{sums[name] / 1e7:9.2f} {sums[name] / total:6.1%}  {shown}")


main()
