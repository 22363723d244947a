#define _GNU_SOURCE
#include "cboard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int request(int fd, unsigned long what, void *argument) {
  int result;
  do result = ioctl(fd, what, argument);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

static void copy_text(char *to, size_t capacity, const void *from, size_t most) {
  size_t count = strnlen(from, most);
  if (count >= capacity) count = capacity - 1;
  memcpy(to, from, count);
  to[count] = 0;
}

int cboard_camera_open(const char *path, cboard_camera *camera) {
  memset(camera, 0, sizeof *camera);
  camera->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (camera->fd < 0) return -errno;
  struct stat status;
  struct v4l2_capability found;
  memset(&found, 0, sizeof found);
  int result = fstat(camera->fd, &status) != 0 ? -errno
               : !S_ISCHR(status.st_mode)      ? -ENOTTY
                                               : request(camera->fd, VIDIOC_QUERYCAP, &found);
  if (result == -EINVAL) result = -ENOTTY;
  if (result >= 0) {
    uint32_t can = found.capabilities & V4L2_CAP_DEVICE_CAPS ? found.device_caps : found.capabilities;
    uint32_t needed = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    if ((can & needed) != needed) result = -ENOTSUP;
    copy_text(camera->card, sizeof camera->card, found.card, sizeof found.card);
  }
  if (result < 0) cboard_camera_close(camera);
  return result;
}

int cboard_camera_offers(const cboard_camera *camera, uint32_t index, uint32_t *format) {
  struct v4l2_fmtdesc description;
  memset(&description, 0, sizeof description);
  description.index = index;
  description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  int result = request(camera->fd, VIDIOC_ENUM_FMT, &description);
  if (result >= 0) *format = description.pixelformat;
  return result;
}

int cboard_camera_set(
    cboard_camera *camera, uint32_t format, uint32_t width, uint32_t height, uint32_t rate) {
  struct v4l2_format wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  wanted.fmt.pix.width = width;
  wanted.fmt.pix.height = height;
  wanted.fmt.pix.pixelformat = format;
  wanted.fmt.pix.field = V4L2_FIELD_NONE;
  int result = request(camera->fd, VIDIOC_S_FMT, &wanted);
  if (result < 0) return result;
  camera->format = wanted.fmt.pix.pixelformat;
  camera->width = wanted.fmt.pix.width;
  camera->height = wanted.fmt.pix.height;
  camera->bytes_per_line = wanted.fmt.pix.bytesperline;
  if (rate > 0) {
    struct v4l2_streamparm parameters;
    memset(&parameters, 0, sizeof parameters);
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    parameters.parm.capture.timeperframe.numerator = 1;
    parameters.parm.capture.timeperframe.denominator = rate;
    /* Many cameras have one rate only: a refusal leaves that. */
    request(camera->fd, VIDIOC_S_PARM, &parameters);
  }
  return 0;
}

static struct v4l2_buffer mapped_buffer(uint32_t index) {
  struct v4l2_buffer buffer;
  memset(&buffer, 0, sizeof buffer);
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

int cboard_camera_start(cboard_camera *camera) {
  struct v4l2_requestbuffers buffers;
  memset(&buffers, 0, sizeof buffers);
  buffers.count = 4;
  buffers.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffers.memory = V4L2_MEMORY_MMAP;
  int result = request(camera->fd, VIDIOC_REQBUFS, &buffers);
  if (result < 0) return result;
  if (buffers.count < 2) return -ENOMEM;
  if (buffers.count > CBOARD_CAMERA_BUFFERS) buffers.count = CBOARD_CAMERA_BUFFERS;
  for (uint32_t index = 0; index < buffers.count; index++) {
    struct v4l2_buffer buffer = mapped_buffer(index);
    result = request(camera->fd, VIDIOC_QUERYBUF, &buffer);
    if (result < 0) return result;
    void *start =
        mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, camera->fd, buffer.m.offset);
    if (start == MAP_FAILED) return -errno;
    camera->starts[index] = (uintptr_t)start;
    camera->lengths[index] = buffer.length;
    camera->buffer_count = index + 1;
    result = cboard_camera_give(camera, index);
    if (result < 0) return result;
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  return request(camera->fd, VIDIOC_STREAMON, &type);
}

int cboard_camera_take(cboard_camera *camera, cboard_camera_frame *frame) {
  struct v4l2_buffer buffer = mapped_buffer(0);
  int result = request(camera->fd, VIDIOC_DQBUF, &buffer);
  if (result < 0) return result;
  if (buffer.index >= camera->buffer_count) return -EPROTO;
  frame->index = buffer.index;
  frame->bytes = (const uint8_t *)camera->starts[buffer.index];
  frame->count = buffer.bytesused;
  if (frame->count > camera->lengths[buffer.index]) frame->count = camera->lengths[buffer.index];
  frame->is_damaged = (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
  frame->nanoseconds = 0;
  if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
    frame->nanoseconds = (uint64_t)buffer.timestamp.tv_sec * 1000000000u +
                         (uint64_t)buffer.timestamp.tv_usec * 1000u;
  return 0;
}

int cboard_camera_give(const cboard_camera *camera, uint32_t index) {
  struct v4l2_buffer buffer = mapped_buffer(index);
  return request(camera->fd, VIDIOC_QBUF, &buffer);
}

void cboard_camera_close(cboard_camera *camera) {
  if (camera->fd < 0) return;
  for (uint32_t index = 0; index < camera->buffer_count; index++)
    munmap((void *)camera->starts[index], camera->lengths[index]);
  camera->buffer_count = 0;
  close(camera->fd);
  camera->fd = -1;
}
