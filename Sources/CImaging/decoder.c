#define _POSIX_C_SOURCE 200809L
#include "private.h"

#include <errno.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

enum { PIECE = 16384, EXIF_BYTES = 65536 };

/* "Exif\0\0" */
static const uint8_t exif_name[6] = {'E', 'x', 'i', 'f', 0, 0};

struct cim_decoder {
  struct jpeg_decompress_struct jpeg;
  cim_errors errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  cim_limits limits;
  cim_header header;
  int descriptor;       /* -1: from memory */
  uint64_t bytes_read;  /* from the descriptor */
  uint8_t *exif;        /* libjpeg's pool owns it */
  size_t exif_count;
  uint8_t *four_channels; /* a row of CMYK; libjpeg's pool owns it */
  uint8_t piece[];      /* PIECE bytes if from a descriptor */
};

static void do_nothing(j_decompress_ptr jpeg) { (void)jpeg; }

/* libjpeg asks for more only when what it has is used up: for bytes in memory that is the end. */
static boolean fill(j_decompress_ptr jpeg) {
  cim_decoder *decoder = jpeg->client_data;
  if (decoder->descriptor < 0) cim_leave(&decoder->errors, CIM_TRUNCATED, "Premature end of JPEG data");
  ssize_t got;
  do got = read(decoder->descriptor, decoder->piece, PIECE);
  while (got < 0 && errno == EINTR);
  if (got < 0) {
    char text[128];
    cim_error_text(errno, text, sizeof text);
    cim_leave(&decoder->errors, CIM_READ_FAILED, text);
  }
  if (got == 0) cim_leave(&decoder->errors, CIM_TRUNCATED, "Premature end of JPEG file");
  decoder->bytes_read += (uint64_t)got;
  if (decoder->bytes_read > decoder->limits.bytes)
    cim_leave(&decoder->errors, CIM_TOO_LARGE, "the file grew beyond the limit while it was read");
  decoder->source.next_input_byte = decoder->piece;
  decoder->source.bytes_in_buffer = (size_t)got;
  return TRUE;
}

static void skip(j_decompress_ptr jpeg, long count) {
  struct jpeg_source_mgr *source = jpeg->src;
  while (count > 0 && (size_t)count > source->bytes_in_buffer) {
    count -= (long)source->bytes_in_buffer;
    source->bytes_in_buffer = 0;
    fill(jpeg);
  }
  if (count > 0) {
    source->next_input_byte += count;
    source->bytes_in_buffer -= (size_t)count;
  }
}

static void take(j_decompress_ptr jpeg, uint8_t *out, size_t count) {
  struct jpeg_source_mgr *source = jpeg->src;
  while (count > 0) {
    if (source->bytes_in_buffer == 0) fill(jpeg);
    size_t now = count < source->bytes_in_buffer ? count : source->bytes_in_buffer;
    memcpy(out, source->next_input_byte, now);
    source->next_input_byte += now;
    source->bytes_in_buffer -= now;
    out += now;
    count -= now;
  }
}

/* APP1: keeps the first Exif segment and skips the others (XMP comes in hundreds of them). */
static boolean read_app1(j_decompress_ptr jpeg) {
  cim_decoder *decoder = jpeg->client_data;
  uint8_t length_bytes[2], name[sizeof exif_name];
  take(jpeg, length_bytes, 2);
  size_t length = (size_t)length_bytes[0] << 8 | length_bytes[1];
  if (length < 2) cim_leave(&decoder->errors, CIM_CORRUPT, "APP1 segment shorter than its own length field");
  length -= 2;
  if (decoder->exif == NULL && length >= sizeof name) {
    take(jpeg, name, sizeof name);
    length -= sizeof name;
    if (memcmp(name, exif_name, sizeof name) == 0) {
      decoder->exif = jpeg->mem->alloc_large((j_common_ptr)jpeg, JPOOL_PERMANENT, EXIF_BYTES);
      memcpy(decoder->exif, name, sizeof name);
      take(jpeg, decoder->exif + sizeof name, length);
      decoder->exif_count = sizeof name + length;
      length = 0;
    }
  }
  skip(jpeg, (long)length);
  return TRUE;
}

static void check_scans(j_common_ptr object) {
  cim_decoder *decoder = object->client_data;
  if (decoder->jpeg.input_scan_number > decoder->limits.scans)
    cim_leave(&decoder->errors, CIM_TOO_MANY_SCANS, "more scans than the limit");
}

static int prepare(cim_decoder *decoder) {
  if (setjmp(decoder->errors.landing)) return 0;
  jpeg_create_decompress(&decoder->jpeg);
  decoder->jpeg.client_data = decoder;
  decoder->source.init_source = do_nothing;
  decoder->source.fill_input_buffer = fill;
  decoder->source.skip_input_data = skip;
  decoder->source.resync_to_restart = jpeg_resync_to_restart;
  decoder->source.term_source = do_nothing;
  decoder->jpeg.src = &decoder->source;
  decoder->progress.progress_monitor = check_scans;
  decoder->jpeg.progress = &decoder->progress;
  jpeg_set_marker_processor(&decoder->jpeg, JPEG_APP0 + 1, read_app1);
  return 1;
}

static cim_decoder *create(int descriptor, const uint8_t *bytes, size_t count, cim_limits limits) {
  cim_decoder *decoder = calloc(1, sizeof *decoder + (descriptor < 0 ? 0 : PIECE));
  if (decoder == NULL) return NULL;
  decoder->limits = limits;
  decoder->descriptor = descriptor;
  decoder->source.next_input_byte = bytes;
  decoder->source.bytes_in_buffer = count;
  decoder->jpeg.err = cim_errors_init(&decoder->errors);
  if (prepare(decoder)) return decoder;
  cim_decoder_destroy(decoder);
  return NULL;
}

cim_decoder *cim_decoder_from_file(int descriptor, cim_limits limits) {
  return create(descriptor, NULL, 0, limits);
}

cim_decoder *cim_decoder_from_bytes(const uint8_t *bytes, size_t count, cim_limits limits) {
  return create(-1, bytes, count, limits);
}

void cim_decoder_destroy(cim_decoder *decoder) {
  if (decoder == NULL) return;
  int held_coefficients = decoder->header.coefficient_bytes >= 1u << 20;
  jpeg_destroy_decompress(&decoder->jpeg);
  free(decoder);
#if defined(__GLIBC__)
  /* glibc would keep tens of megabytes of coefficients for the next one: give them back to the system. */
  if (held_coefficients) malloc_trim(0);
#else
  (void)held_coefficients;
#endif
}

const char *cim_decoder_message(const cim_decoder *decoder) { return decoder->errors.message; }

/* Bytes of the coefficients that libjpeg keeps when there are several scans: 64 shorts for each block of each
 * component, padded to whole MCUs as it does. */
static uint64_t coefficient_bytes(const struct jpeg_decompress_struct *jpeg) {
  uint64_t across = ((uint64_t)jpeg->image_width + 8u * (unsigned)jpeg->max_h_samp_factor - 1) /
                    (8u * (unsigned)jpeg->max_h_samp_factor);
  uint64_t down = ((uint64_t)jpeg->image_height + 8u * (unsigned)jpeg->max_v_samp_factor - 1) /
                  (8u * (unsigned)jpeg->max_v_samp_factor);
  uint64_t blocks = 0;
  for (int i = 0; i < jpeg->num_components; i++) {
    const jpeg_component_info *component = &jpeg->comp_info[i];
    blocks += across * (unsigned)component->h_samp_factor * down * (unsigned)component->v_samp_factor;
  }
  return blocks * DCTSIZE2 * sizeof(JCOEF);
}

cim_result cim_decoder_read_header(cim_decoder *decoder) {
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  cim_header *header = &decoder->header;
  if (setjmp(decoder->errors.landing)) {
    header->width = jpeg->image_width;
    header->height = jpeg->image_height;
    return decoder->errors.result;
  }
  jpeg_read_header(jpeg, TRUE);
  header->width = jpeg->image_width;
  header->height = jpeg->image_height;
  header->components = jpeg->num_components;
  header->progressive = jpeg->progressive_mode ? 1 : 0;
  header->coefficient_bytes = jpeg_has_multiple_scans(jpeg) ? coefficient_bytes(jpeg) : 0;
  const cim_limits *limits = &decoder->limits;
  if (header->width > limits->side || header->height > limits->side ||
      (uint64_t)header->width * header->height > limits->pixels)
    cim_leave(&decoder->errors, CIM_TOO_LARGE, "dimensions beyond the limit");
  return CIM_OK;
}

cim_header cim_decoder_header(const cim_decoder *decoder) { return decoder->header; }

const uint8_t *cim_decoder_exif(const cim_decoder *decoder, size_t *count) {
  *count = decoder->exif_count;
  return decoder->exif;
}

cim_result cim_decoder_start(cim_decoder *decoder, int eighths, uint32_t *width, uint32_t *height) {
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  if (setjmp(decoder->errors.landing)) return decoder->errors.result;
  if (decoder->header.coefficient_bytes > 0) {
    if (decoder->header.coefficient_bytes > decoder->limits.coefficient_bytes)
      cim_leave(&decoder->errors, CIM_TOO_MUCH_MEMORY, "coefficients of the whole picture beyond the limit");
    /* The second lock: libjpeg itself refuses to go further; it adds rows and tables to the coefficients. */
    jpeg->mem->max_memory_to_use = (long)(decoder->limits.coefficient_bytes + (8u << 20));
  }
  jpeg->scale_num = (unsigned)eighths;
  jpeg->scale_denom = 8;
  jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
  /* The same bytes on every processor: libjpeg-turbo's vector code equals its C code for the accurate integer
   * transform (ISLOW), for the 4x4 and 2x2 reduced ones, for plain and "fancy" (triangle) upsampling and for
   * YCbCr to RGB (compared at all eight reductions: C, SSE2, AVX2, NEON); the fast integer and the float transform
   * differ. One exception is left: damage that libjpeg does not notice can make coefficients that no encoder
   * writes, and these saturate differently in vector code. Fancy upsampling is on because it also keeps libjpeg out of its merged upsampling and colour
   * conversion, which is coarser. Smoothing between blocks would only hide missing scans. */
  jpeg->dct_method = JDCT_ISLOW;
  jpeg->do_fancy_upsampling = TRUE;
  jpeg->do_block_smoothing = FALSE;
  jpeg_start_decompress(jpeg);
  *width = jpeg->output_width;
  *height = jpeg->output_height;
  if (jpeg->out_color_space == JCS_CMYK)
    decoder->four_channels =
        jpeg->mem->alloc_large((j_common_ptr)jpeg, JPOOL_IMAGE, (size_t)jpeg->output_width * 4);
  return CIM_OK;
}

/* a x b / 255, rounded to nearest; exact for bytes. */
static inline uint8_t product(unsigned a, unsigned b) {
  unsigned sum = a * b + 128;
  return (uint8_t)((sum + (sum >> 8)) >> 8);
}

/* Adobe's programs store inks inverted (255 is none), and say so by their marker. Ink c under black k leaves
 * (255 - c)(255 - k) / 255 of the light. */
static void inks_to_rgb(const uint8_t *cmyk, size_t count, int inverted, uint8_t *rgb) {
  unsigned flip = inverted ? 0 : 255;
  for (size_t i = 0; i < count; i++) {
    unsigned k = cmyk[4 * i + 3] ^ flip;
    for (int channel = 0; channel < 3; channel++)
      rgb[3 * i + channel] = product(cmyk[4 * i + channel] ^ flip, k);
  }
}

cim_result cim_decoder_read_row(cim_decoder *decoder, uint8_t *rgb) {
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  if (setjmp(decoder->errors.landing)) return decoder->errors.result;
  JSAMPROW row = decoder->four_channels != NULL ? decoder->four_channels : rgb;
  if (jpeg_read_scanlines(jpeg, &row, 1) != 1)
    cim_leave(&decoder->errors, CIM_CORRUPT, "fewer rows than the header says");
  if (decoder->four_channels != NULL)
    inks_to_rgb(decoder->four_channels, jpeg->output_width, jpeg->saw_Adobe_marker, rgb);
  return CIM_OK;
}

cim_result cim_decoder_finish(cim_decoder *decoder) {
  if (setjmp(decoder->errors.landing)) return decoder->errors.result;
  jpeg_finish_decompress(&decoder->jpeg);
  return CIM_OK;
}
