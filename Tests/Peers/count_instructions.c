/* A plugin of QEMU that counts the guest's instructions: every thread's, from start to end.

   qemu-aarch64 -plugin ./count_instructions.so,output=FILE[,runs=on] PROGRAM …

   FILE gets one number when the program ends. QEMU translates a straight run of instructions at once; each time such a
   run is started its length is added. With runs=on FILE gets a line of each run instead: its address, its length, how
   often it was started; instruction_profile.py adds these up by function.

   The few functions of QEMU's plugin interface that this needs are declared here,
   because Debian ships the emulator without the header; API is the interface's version that the emulator wants, which
   instructions.sh finds by trying. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

struct qemu_plugin_tb;
typedef struct qemu_info_t qemu_info_t;
typedef uint64_t qemu_plugin_id_t;
enum { NO_REGISTERS = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);

EXPORTED int qemu_plugin_version = API;

typedef struct run {
  struct run *next;
  uint64_t address, length;
  _Atomic uint64_t times;
} run;

static _Atomic uint64_t executed;
static _Atomic(run *) runs;
static int by_runs;
static char output[4096];

static void started(unsigned processor, void *length) {
  (void)processor;
  atomic_fetch_add_explicit(&executed, (uintptr_t)length, memory_order_relaxed);
}

static void run_started(unsigned processor, void *this) {
  (void)processor;
  atomic_fetch_add_explicit(&((run *)this)->times, 1, memory_order_relaxed);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  const size_t length = qemu_plugin_tb_n_insns(block);
  if (!by_runs) {
    qemu_plugin_register_vcpu_tb_exec_cb(block, started, NO_REGISTERS, (void *)(uintptr_t)length);
    return;
  }
  run *this = calloc(1, sizeof *this);
  if (this == NULL) abort();
  this->address = qemu_plugin_tb_vaddr(block);
  this->length = length;
  this->next = atomic_load(&runs);
  while (!atomic_compare_exchange_weak(&runs, &this->next, this)) {
  }
  qemu_plugin_register_vcpu_tb_exec_cb(block, run_started, NO_REGISTERS, this);
}

static void ended(qemu_plugin_id_t id, void *unused) {
  (void)id, (void)unused;
  FILE *file = fopen(output, "w");
  if (file == NULL) {
    perror(output);
    return;
  }
  if (!by_runs) fprintf(file, "%" PRIu64 "\n", atomic_load(&executed));
  for (const run *this = atomic_load(&runs); this != NULL; this = this->next)
    fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", this->address, this->length, atomic_load(&this->times));
  if (fclose(file) != 0) perror(output);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int count, char **arguments) {
  static const char name[] = "output=";
  (void)info;
  by_runs = count == 2 && strcmp(arguments[1], "runs=on") == 0;
  if (count != 1 + by_runs || strncmp(arguments[0], name, strlen(name)) != 0 || strlen(arguments[0]) >= sizeof output) {
    fprintf(stderr, "count_instructions: give output=FILE, perhaps runs=on, and nothing else\n");
    return -1;
  }
  strcpy(output, arguments[0] + strlen(name));
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
