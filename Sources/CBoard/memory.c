#define _GNU_SOURCE
#include "cboard.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

/* A segment that the file does not declare writable is the file's own bytes: the loader relocates only writable ones. */
static int release_segments(struct dl_phdr_info *object, size_t size, void *total) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
    uintptr_t begin = (uintptr_t)object->dlpi_addr + segment->p_vaddr;
    uintptr_t from = (begin + page - 1) & ~(page - 1);
    uintptr_t end = (begin + segment->p_filesz) & ~(page - 1);
    if (end > from && madvise((void *)from, end - from, MADV_DONTNEED) == 0)
      *(size_t *)total += end - from;
  }
  return 0;
}

size_t cboard_release_idle_memory(void) {
  size_t total = 0;
  malloc_trim(0);
  dl_iterate_phdr(release_segments, &total);
  return total;
}
