#!/usr/bin/env python3
"""Cycles of the aarch64 kernels' inner loops by llvm-mca, as a table in Markdown.

The kernels are compiled for aarch64 with -DKRN_MCA, which names each inner loop in the assembly; the loop around each name goes to
llvm-mca. A core's limit is the rate at which its vector pipes take nothing but the multiply-adds of that form, with no load, no
move and no wait between them: llvm-mca's reciprocal throughput of these instructions alone. What is beyond reach of this method:
cache misses, and the real pipelines where LLVM's model of a core differs from them.

    Tests/kernels-mca.py [--all] [--code]      --all: every tile, not only each kernel's largest; --code: the loops' instructions

Needs clang and llvm-mca 17 or later (Debian's llvm-19; LLVM_MCA names another); installs nothing.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# LLVM has no model of the Cortex-A76 and -A710 of their own: it gives the A76 that of the A57. Neoverse N1 and N2 are these cores.
CORES = {
    "Cortex-A53": "cortex-a53",
    "Cortex-A55": "cortex-a55",
    "Cortex-A72": "cortex-a72",
    "Cortex-A76": "neoverse-n1",
    "Cortex-A510": "cortex-a510",
    "Cortex-A710": "neoverse-n2",
}
ARMV80 = ["Cortex-A53", "Cortex-A55", "Cortex-A72", "Cortex-A76"]
DOTPROD = ["Cortex-A55", "Cortex-A76", "Cortex-A510"]
I8MM = ["Cortex-A510", "Cortex-A710"]

def repeated(count, *instructions):
    """The instructions `count` times, {} being 0, 1, …, which keeps them apart."""
    return [instruction.format(i) for i in range(count) for instruction in instructions]


# A pixel's sums of 16 channels to bytes: the loops over pixels hold it, too.
BYTES = (repeated(4, "scvtf v{0}.4s,v{0}.4s", "fmul v{0}.4s,v{0}.4s,v20.4s", "fadd v{0}.4s,v{0}.4s,v21.4s")
         + repeated(2, "uzp1 v{0}.8h,v22.8h,v23.8h") + ["sqxtn v24.8b,v25.8h", "sqxtn2 v24.16b,v26.8h"])  # fmt: skip
WIDEN = ["saddw v8.4s,v8.4s,v0.4h", "saddw2 v9.4s,v9.4s,v0.8h", "saddw v10.4s,v10.4s,v3.4h", "saddw2 v11.4s,v11.4s,v3.8h"]

# The multiply-adds of each form: cores that run it, multiply-adds, instructions.
FORMS = {
    "gemm_s8 neon": (
        ARMV80, 32,
        ["smull v0.8h,v1.8b,v2.8b", "smlal2 v0.8h,v1.16b,v2.16b", "smlal v0.8h,v4.8b,v5.8b", "smlal2 v0.8h,v4.16b,v5.16b",
         "sadalp v3.4s,v0.8h"]),
    "gemm_s8 neon_alone": (ARMV80, 16, ["smull v0.8h,v1.8b,v2.8b", "smlal2 v0.8h,v1.16b,v2.16b", "sadalp v3.4s,v0.8h"]),
    "gemm_s8 neon_wide": (
        ARMV80, 16,
        ["smull v0.8h,v1.8b,v2.8b", "sadalp v3.4s,v0.8h", "smull2 v4.8h,v1.16b,v2.16b", "sadalp v3.4s,v4.8h"]),
    "gemm_s8 dotprod": (DOTPROD, 16, ["sdot v3.4s,v0.16b,v1.4b[0]"]),
    "gemm_s8 i8mm": (I8MM, 32, ["smmla v3.4s,v0.16b,v1.16b"]),
    "dwconv_s8 neon": (
        ARMV80, 144,
        4 * ["smull v0.8h,v1.8b,v2.8b", "smull2 v3.8h,v1.16b,v2.16b", "smlal v0.8h,v4.8b,v5.8b", "smlal2 v3.8h,v4.16b,v5.16b", *WIDEN]
        + ["smull v0.8h,v1.8b,v2.8b", "smull2 v3.8h,v1.16b,v2.16b", *WIDEN] + BYTES),
    "dwconv_s8 dotprod": (
        DOTPROD, 144,
        ["zip1 v0.16b,v1.16b,v2.16b", "zip2 v3.16b,v1.16b,v2.16b", "zip1 v4.16b,v5.16b,v6.16b", "zip2 v7.16b,v5.16b,v6.16b",
         "zip1 v8.8h,v0.8h,v4.8h", "zip2 v9.8h,v0.8h,v4.8h", "zip1 v10.8h,v3.8h,v7.8h", "zip2 v11.8h,v3.8h,v7.8h"]
        + repeated(12, "sdot v{0}.4s,v20.16b,v21.16b") + BYTES),
}  # fmt: skip


def found_mca():
    names = [os.environ["LLVM_MCA"]] if "LLVM_MCA" in os.environ else [f"llvm-mca-{n}" for n in range(30, 16, -1)] + ["llvm-mca"]
    for name in names:
        if shutil.which(name):
            text = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            version = re.search(r"version (\d+)[\d.]*", text)
            if version and int(version.group(1)) >= 17:
                return name, version.group(0).split()[1]
    return None, None


def loops(source, compiler):
    """(name, multiply-adds a round, instructions) of each named loop of a file: the code between a label and the branch to it."""
    command = [compiler, "--target=aarch64-linux-gnu", "-std=c11", "-O3", "-ffp-contract=off", "-D_GNU_SOURCE", "-DKRN_MCA", "-S", "-o", "-", str(source)]
    if Path("/usr/aarch64-linux-gnu/include").is_dir():
        command[1:1] = ["-isystem", "/usr/aarch64-linux-gnu/include"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    label, name, code = None, None, []
    for line in map(str.strip, text.splitlines()):
        if target := re.match(r"(\.?\w+):", line):
            label, name, code = target.group(1), None, []
        elif line.startswith("// KRN-LOOP "):
            name = line.removeprefix("// KRN-LOOP ")
        elif line and not line.startswith(("//", ".")):
            code.append(line.split("//")[0].strip())
            branch = re.match(r"(?:b\.\w+|cbn?z \w+,|tbn?z \w+, *#\w+,)\s+(\.?\w+)$", code[-1].replace("\t", " "))
            if branch and label and branch.group(1) in (label, label + "b") and name:
                family, variant, macs = name.split()
                yield f"{family} {variant}", int(macs), code[:-1] + [code[-1].replace(branch.group(1), ".Lloop")]


def measured(mca, core, code, iterations):
    command = [mca, "-mtriple=aarch64", "-mcpu=" + CORES[core], "-mattr=+dotprod,+i8mm", f"-iterations={iterations}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True, input=".Lloop:\n" + "\n".join(code) + "\n").stdout
    return int(re.search(r"Total Cycles:\s+(\d+)", text).group(1)) / iterations, float(re.search(r"Block RThroughput:\s+([\d.]+)", text).group(1))


def main():
    unknown = set(sys.argv[1:]) - {"--all", "--code"}
    if unknown:
        sys.exit(f"{' '.join(sorted(unknown))}: unknown; use --all or --code\n{__doc__}")
    compiler = os.environ.get("CC", "clang")
    mca, version = found_mca()
    missing = [tool for tool, there in ((compiler, shutil.which(compiler)), ("llvm-mca (17 or later)", mca)) if not there]
    if missing:
        print(f"cycles of the aarch64 kernels: not run: missing {', '.join(missing)}")
        return
    all_loops = {}
    for source in sorted((ROOT / "Sources/CKernels/arm").glob("*_s8__*.c")):
        for name, macs, code in loops(source, compiler):
            kept = all_loops.setdefault(name, {})
            # The same tile may be compiled more than once; the plainest is the one for whole blocks.
            if macs not in kept or len(code) < len(kept[macs]):
                kept[macs] = code
    print(f"By llvm-mca {version}, 1000 rounds of each loop.\n")
    print("| Loop | Core | Instructions | Cycles | MACs | MACs/cycle | Limit | Share |\n|---|---|--:|--:|--:|--:|--:|--:|")
    for name, tiles in all_loops.items():
        cores, form_macs, form = FORMS[name]
        for macs in sorted(tiles, reverse=True)[: None if "--all" in sys.argv else 1]:
            for core in cores:
                cycles, _ = measured(mca, core, tiles[macs], 1000)
                _, form_cycles = measured(mca, core, form, 1)
                rate, limit = macs / cycles, form_macs / form_cycles
                print(f"| {name} | {core} | {len(tiles[macs])} | {cycles:.1f} | {macs} | {rate:.2f} | {limit:.2f} | {rate / limit:.0%} |")
            if "--code" in sys.argv:
                print("\n".join(tiles[macs]))
    absent = sorted(set(FORMS) - set(all_loops))
    if absent:
        sys.exit(f"no loop found of: {', '.join(absent)}")


main()
