/* The thinnest bridge to libjpeg (8-bit API 6.2, as libjpeg-turbo's libjpeg62 has it), and the two inner loops
 * of the resizer. libjpeg reports errors by longjmp; every entry point below sets its own landing place, so that
 * no jump ever crosses a frame of the caller. After any result other than CIM_OK only the _message,
 * _header and _destroy functions may be called on the object. */
#ifndef CIMAGING_H
#define CIMAGING_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  CIM_OK = 0,
  CIM_READ_FAILED,    /* the operating system refused to read; the message is its reason */
  CIM_NOT_JPEG,       /* no start-of-image marker */
  CIM_TRUNCATED,      /* the bytes end before the end-of-image marker */
  CIM_CORRUPT,        /* libjpeg cannot make sense of it, or says that the data are damaged */
  CIM_UNSUPPORTED,    /* a kind of JPEG that libjpeg does not decode, or not to colours */
  CIM_TOO_LARGE,      /* width or height beyond the limits */
  CIM_TOO_MUCH_MEMORY,/* several scans need coefficients of the whole picture, beyond the limit */
  CIM_TOO_MANY_SCANS, /* more scans than the limit: each costs a pass over the whole picture */
  CIM_OUT_OF_MEMORY
} cim_result;

/* What may be spent on one photo. */
typedef struct {
  uint64_t pixels;            /* width x height */
  uint32_t side;              /* width, height */
  uint64_t bytes;             /* compressed */
  uint64_t coefficient_bytes; /* of a progressive or non-interleaved JPEG */
  int32_t scans;
} cim_limits;

typedef struct {
  uint32_t width, height; /* as stored, before EXIF orientation */
  int32_t components;
  int32_t progressive;
  uint64_t coefficient_bytes; /* held for the whole picture if it has several scans; 0 for one scan */
} cim_header;

/* What a path is, as far as opening it goes. */
typedef enum { CIM_REGULAR_FILE = 0, CIM_DIRECTORY, CIM_OTHER_KIND } cim_file_kind;

/* The errno values that mean "nothing is there": ENOENT and ENOTDIR, the same on every Linux. */
enum { CIM_NO_SUCH_FILE = 2, CIM_NOT_A_DIRECTORY = 20 };

/* Opens `path` for reading without waiting (a FIFO does not block). 0, or the errno. The caller closes
 * `*descriptor` with cim_file_close. */
int cim_file_open(const char *path, int *descriptor, uint64_t *byte_count, cim_file_kind *kind);
void cim_file_close(int descriptor);
/* First bytes of the file, without moving its position; how many, 0...count, or -errno. */
long cim_file_peek(int descriptor, uint8_t *out, size_t count);
/* The system's text for `error`, into `out` (always terminated). */
void cim_error_text(int error, char *out, size_t count);

typedef struct cim_decoder cim_decoder;

/* A decoder that reads from `descriptor` (its position moves; not closed) in pieces of 16 KB, or from `bytes`
 * (not copied: must outlive the decoder). NULL if there is no memory. */
cim_decoder *cim_decoder_from_file(int descriptor, cim_limits limits);
cim_decoder *cim_decoder_from_bytes(const uint8_t *bytes, size_t count, cim_limits limits);
void cim_decoder_destroy(cim_decoder *decoder);

/* Why the last call failed: libjpeg's or the system's text. Valid until the decoder is destroyed. */
const char *cim_decoder_message(const cim_decoder *decoder);

/* Reads up to the first scan and checks the limits. */
cim_result cim_decoder_read_header(cim_decoder *decoder);

/* The header, as far as it is known; also after a failure. */
cim_header cim_decoder_header(const cim_decoder *decoder);

/* Payload of the first APP1 segment that starts with "Exif\0\0" (those six included), after read_header;
 * NULL and 0 if there is none. Valid until the decoder is destroyed. */
const uint8_t *cim_decoder_exif(const cim_decoder *decoder, size_t *count);

/* Starts decoding at `eighths`/8 of the size, 1...8. `width` and `height` are ceil(side x eighths / 8). */
cim_result cim_decoder_start(cim_decoder *decoder, int eighths, uint32_t *width, uint32_t *height);

/* Decodes the next row into `rgb`: width x 3 bytes. Call it `height` times. */
cim_result cim_decoder_read_row(cim_decoder *decoder, uint8_t *rgb);

/* After the last row: reads up to the end-of-image marker, so that a file cut off behind its last row is found. */
cim_result cim_decoder_finish(cim_decoder *decoder);

typedef struct cim_encoder cim_encoder;

/* An encoder to memory: RGB in; ISLOW, 4:2:0 and standard Huffman tables, so that the same pixels give the
 * same bytes with the same libjpeg. NULL if there is no memory. */
cim_encoder *cim_encoder_create(uint32_t width, uint32_t height, int quality, int progressive);
void cim_encoder_destroy(cim_encoder *encoder);
const char *cim_encoder_message(const cim_encoder *encoder);
cim_result cim_encoder_write_row(cim_encoder *encoder, const uint8_t *rgb);
/* After `height` rows. The bytes are valid until the encoder is destroyed. */
cim_result cim_encoder_finish(cim_encoder *encoder, const uint8_t **bytes, size_t *count);

/* Weights are integers of 1 / 2^CIM_WEIGHT_BITS. */
#define CIM_WEIGHT_BITS 22

/* One row, resampled along itself. Output pixel i is the sum of weights[i * stride + k] x
 * row[first[i] + k], k < counts[i], for each of three interleaved channels; rounded half up, saturated.
 * `row` must hold max(first + counts) pixels and `out` `count` pixels; they may not overlap. */
void cim_resample_row(const uint8_t *row, const int32_t *first, const int32_t *counts, const int32_t *weights,
                      size_t stride, size_t count, uint8_t *out);

/* One output row from `taps` rows of a ring: row k is at ring + ((start + k) % capacity) x row_bytes.
 * `row_bytes` is 3 x pixels. Pixel x is written to out + x x pixel_step (in bytes, may be negative), through
 * `table` (256 bytes) unless it is NULL. Rounded half up, saturated. */
void cim_combine_rows(const uint8_t *ring, size_t capacity, size_t start, const int32_t *weights, size_t taps,
                      size_t row_bytes, const uint8_t *table, uint8_t *out, ptrdiff_t pixel_step);

#endif
