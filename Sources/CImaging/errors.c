#include "private.h"

static cim_result result_of(int code) {
  switch (code) {
  case JERR_NO_SOI: return CIM_NOT_JPEG;
  case JERR_INPUT_EOF:
  case JERR_INPUT_EMPTY:
  case JWRN_JPEG_EOF: return CIM_TRUNCATED;
  case JERR_IMAGE_TOO_BIG: return CIM_TOO_LARGE;
  case JERR_BAD_PRECISION:
  case JERR_COMPONENT_COUNT:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_SOF_UNSUPPORTED:
  case JERR_ARITH_NOTIMPL:
  case JERR_NOT_COMPILED:
  case JERR_CCIR601_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL: return CIM_UNSUPPORTED;
  case JERR_NO_BACKING_STORE: return CIM_TOO_MUCH_MEMORY;
  case JERR_OUT_OF_MEMORY: return CIM_OUT_OF_MEMORY;
  default: return CIM_CORRUPT;
  }
}

/* Warnings after which the pixels are still those of the photo: padding between segments, version numbers,
 * unusual but complete orders of scans. Every other one means that pixels were made up. */
static int harmless(int code) {
  return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
         code == JWRN_BOGUS_PROGRESSION || code == JWRN_NOT_SEQUENTIAL || code == JWRN_BOGUS_ICC;
}

static void leave_with_libjpeg_text(j_common_ptr object) {
  cim_errors *errors = (cim_errors *)object->err;
  errors->result = result_of(errors->base.msg_code);
  errors->base.format_message(object, errors->message);
  longjmp(errors->landing, 1);
}

static void emit(j_common_ptr object, int level) {
  if (level < 0 && !harmless(object->err->msg_code)) leave_with_libjpeg_text(object);
}

static void print_nothing(j_common_ptr object) { (void)object; }

struct jpeg_error_mgr *cim_errors_init(cim_errors *errors) {
  struct jpeg_error_mgr *base = jpeg_std_error(&errors->base);
  base->error_exit = leave_with_libjpeg_text;
  base->emit_message = emit;
  base->output_message = print_nothing;
  errors->result = CIM_OK;
  errors->message[0] = 0;
  return base;
}

void cim_leave(cim_errors *errors, cim_result result, const char *message) {
  errors->result = result;
  snprintf(errors->message, sizeof errors->message, "%s", message);
  longjmp(errors->landing, 1);
}
