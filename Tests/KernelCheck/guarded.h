/* Buffers that end where an unreadable page begins, with known bytes before them: a kernel that
 * reads or writes past the end is stopped by the processor, one that writes before the start is
 * found out. */
#ifndef GUARDED_H
#define GUARDED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { GUARD_PAGE = 65536, GUARD_BYTE = 0xa5 };

typedef struct {
  unsigned char *map;
  size_t mapped, readable;
  void *data; /* `size` bytes (rounded up to `align`), the last one before the unreadable page */
} guarded;

static inline guarded guarded_new(size_t size, size_t align) {
  guarded g;
  size_t used = (size + align - 1) / align * align;
  g.readable = (used + 2 * GUARD_PAGE - 1) / GUARD_PAGE * GUARD_PAGE;
  g.mapped = g.readable + GUARD_PAGE;
  g.map = mmap(NULL, g.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (g.map == MAP_FAILED || mprotect(g.map + g.readable, GUARD_PAGE, PROT_NONE) != 0) {
    perror("guarded buffer");
    exit(2);
  }
  g.data = g.map + g.readable - used;
  size_t before = (size_t)((unsigned char *)g.data - g.map);
  memset(g.map + (before > 256 ? before - 256 : 0), GUARD_BYTE, before > 256 ? 256 : before);
  return g;
}

/* Whether the 256 bytes before the data are as they were. */
static inline int guarded_intact(const guarded *g) {
  const unsigned char *start = g->data;
  for (const unsigned char *p = start - 256; p < start; p++)
    if (*p != GUARD_BYTE) return 0;
  return 1;
}

static inline void guarded_free(guarded *g) { munmap(g->map, g->mapped); }

#endif
