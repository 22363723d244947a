/* Shared by decoder.c and encoder.c: libjpeg's error manager with a landing place. */
#ifndef CIM_PRIVATE_H
#define CIM_PRIVATE_H

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs FILE and size_t declared */
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "CImaging.h"

typedef struct {
  struct jpeg_error_mgr base; /* first: libjpeg hands back a pointer to it */
  jmp_buf landing;
  cim_result result;
  char message[JMSG_LENGTH_MAX];
} cim_errors;

/* Fills `errors` in; returns what goes into the libjpeg object's `err`. */
struct jpeg_error_mgr *cim_errors_init(cim_errors *errors);

/* Leaves libjpeg with `result` and a text of our own. */
_Noreturn void cim_leave(cim_errors *errors, cim_result result, const char *message);

#endif
