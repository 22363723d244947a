#define _GNU_SOURCE
#include "cboard.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Runs libcrypt in memory of its own, which is wiped. The result, or a null pointer with errno set. */
static int run(const char *secret, const char *setting, char *hash, size_t capacity) {
  struct crypt_data *data = calloc(1, sizeof *data);
  if (!data) return -ENOMEM;
  errno = 0;
  const char *found = crypt_rn(secret, setting, data, sizeof *data);
  int result = 0;
  if (!found || found[0] == '*')
    result = errno ? -errno : -EINVAL;
  else if (strlen(found) >= capacity)
    result = -ERANGE;
  else
    memcpy(hash, found, strlen(found) + 1);
  explicit_bzero(data, sizeof *data);
  free(data);
  return result;
}

int cboard_secret_hash(const char *secret, unsigned cost, char *hash, size_t capacity) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  errno = 0;
  if (!crypt_gensalt_rn("$y$", cost, NULL, 0, setting, (int)sizeof setting))
    return errno ? -errno : -EINVAL;
  return run(secret, setting, hash, capacity);
}

int cboard_secret_matches(const char *secret, const char *hash) {
  char found[CRYPT_OUTPUT_SIZE];
  int result = run(secret, hash, found, sizeof found);
  if (result < 0) return result;
  size_t length = strlen(hash);
  if (strlen(found) != length) return 0;
  unsigned char difference = 0;
  for (size_t i = 0; i < length; i++) difference |= (unsigned char)(found[i] ^ hash[i]);
  return difference == 0;
}
