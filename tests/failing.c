// LD_PRELOAD: reads of files whose path contains FAILING_PATH fail with the error FAILING_ERRNO from byte FAILING_FROM on,
// as on a failing disk or a share that is lost.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

// Bytes that may be read at a place; -1 if none, with errno set.
static ssize_t allowed(int fd, off_t at, size_t n) {
    const char *part = getenv("FAILING_PATH");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = part ? readlink(link, path, sizeof path - 1) : -1;
    if (length < 0) return n;
    path[length] = 0;
    off_t from = atoll(getenv("FAILING_FROM"));
    if (!strstr(path, part) || at + (off_t)n <= from) return n;
    if (at < from) return from - at;
    errno = atoi(getenv("FAILING_ERRNO"));
    return -1;
}

ssize_t read(int fd, void *to, size_t n) {
    ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
    ssize_t most = allowed(fd, lseek(fd, 0, SEEK_CUR), n);
    return most < 0 ? -1 : real(fd, to, most);
}

ssize_t pread(int fd, void *to, size_t n, off_t at) {
    ssize_t (*real)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread");
    ssize_t most = allowed(fd, at, n);
    return most < 0 ? -1 : real(fd, to, most, at);
}

ssize_t pread64(int fd, void *to, size_t n, off_t at) { return pread(fd, to, n, at); }

ssize_t preadv2(int fd, const struct iovec *to, int parts, off_t at, int flags) {
    ssize_t (*real)(int, const struct iovec *, int, off_t, int) = dlsym(RTLD_NEXT, "preadv2");
    return allowed(fd, at, to[0].iov_len) < (ssize_t)to[0].iov_len ? -1 : real(fd, to, parts, at, flags);
}

ssize_t preadv64v2(int fd, const struct iovec *to, int parts, off_t at, int flags) {
    return preadv2(fd, to, parts, at, flags);
}

ssize_t preadv(int fd, const struct iovec *to, int parts, off_t at) { return preadv2(fd, to, parts, at, 0); }

ssize_t preadv64(int fd, const struct iovec *to, int parts, off_t at) { return preadv2(fd, to, parts, at, 0); }
