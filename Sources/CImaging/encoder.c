#include "private.h"

struct cim_encoder {
  struct jpeg_compress_struct jpeg;
  cim_errors errors;
  struct jpeg_destination_mgr destination;
  uint8_t *bytes;
  size_t count, capacity;
};

static void grow(cim_encoder *encoder) {
  size_t capacity = encoder->capacity == 0 ? 16384 : encoder->capacity * 2;
  uint8_t *bytes = realloc(encoder->bytes, capacity);
  if (bytes == NULL) cim_leave(&encoder->errors, CIM_OUT_OF_MEMORY, "no memory for the encoded photo");
  encoder->destination.next_output_byte = bytes + encoder->capacity;
  encoder->destination.free_in_buffer = capacity - encoder->capacity;
  encoder->bytes = bytes;
  encoder->capacity = capacity;
}

static void begin(j_compress_ptr jpeg) { grow(jpeg->client_data); }

/* Called when the buffer is full, whatever free_in_buffer says. */
static boolean empty(j_compress_ptr jpeg) {
  grow(jpeg->client_data);
  return TRUE;
}

static void end(j_compress_ptr jpeg) {
  cim_encoder *encoder = jpeg->client_data;
  encoder->count = encoder->capacity - encoder->destination.free_in_buffer;
}

cim_encoder *cim_encoder_create(uint32_t width, uint32_t height, int quality, int progressive) {
  cim_encoder *encoder = calloc(1, sizeof *encoder);
  if (encoder == NULL) return NULL;
  struct jpeg_compress_struct *jpeg = &encoder->jpeg;
  jpeg->err = cim_errors_init(&encoder->errors);
  if (setjmp(encoder->errors.landing)) return encoder; /* the first row reports it */
  jpeg_create_compress(jpeg);
  jpeg->client_data = encoder;
  encoder->destination.init_destination = begin;
  encoder->destination.empty_output_buffer = empty;
  encoder->destination.term_destination = end;
  jpeg->dest = &encoder->destination;
  jpeg->image_width = width;
  jpeg->image_height = height;
  jpeg->input_components = 3;
  jpeg->in_color_space = JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, quality, TRUE);
  jpeg->dct_method = JDCT_ISLOW;
  if (progressive) jpeg_simple_progression(jpeg);
  jpeg_start_compress(jpeg, TRUE);
  return encoder;
}

void cim_encoder_destroy(cim_encoder *encoder) {
  if (encoder == NULL) return;
  jpeg_destroy_compress(&encoder->jpeg);
  free(encoder->bytes);
  free(encoder);
}

const char *cim_encoder_message(const cim_encoder *encoder) { return encoder->errors.message; }

cim_result cim_encoder_write_row(cim_encoder *encoder, const uint8_t *rgb) {
  if (encoder->errors.result != CIM_OK) return encoder->errors.result;
  if (setjmp(encoder->errors.landing)) return encoder->errors.result;
  JSAMPROW row = (JSAMPROW)rgb;
  jpeg_write_scanlines(&encoder->jpeg, &row, 1);
  return CIM_OK;
}

cim_result cim_encoder_finish(cim_encoder *encoder, const uint8_t **bytes, size_t *count) {
  if (encoder->errors.result != CIM_OK) return encoder->errors.result;
  if (setjmp(encoder->errors.landing)) return encoder->errors.result;
  jpeg_finish_compress(&encoder->jpeg);
  *bytes = encoder->bytes;
  *count = encoder->count;
  return CIM_OK;
}
