/* Micro-kernels of Loam by family and instruction set.
 *
 * Every family has one readable scalar reference (`reference/`), which is its specification, and
 * variants that give the same bytes. Kernels never read or write outside the buffers they are
 * given, never allocate and never fail: the Swift caller checks the arguments.
 *
 * `krn_<family>__<variant>` is a kernel; `krn_<family>_variant_at(i)` walks the variants of a
 * family that are compiled in, fastest first, the reference last, NULL behind it. One can run here
 * if `(variant->cpu & ~krn_cpu_detect()) == 0`; which one is chosen is the caller's decision.
 */
#ifndef CKERNELS_H
#define CKERNELS_H

#include "krn_cpu.h"
#include "krn_f32.h"
#include "krn_s8.h"

#endif
