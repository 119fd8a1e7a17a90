/* Attacks through WASI; the payload names one. Answers "held: " and what it came to, or is ended. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

static int is(const char *attack, const char *name) { return strcmp(attack, name) == 0; }

static void held(const char *what, long long value) {
  printf("held: %s %lld\n", what, value);
  exit(0);
}

static __wasi_iovec_t vectors[2048];
static char buffer[1 << 20];

int main(void) {
  char attack[64] = "";
  size_t length = fread(attack, 1, sizeof attack - 1, stdin);
  attack[length] = 0;
  size_t done = 0;
  int fd;

  if (is(attack, "read_passwd")) {
    fd = open("/etc/passwd", O_RDONLY);
    held("errno", fd < 0 ? errno : -1);
  }
  if (is(attack, "read_passwd_above")) {
    const char *path = "../../../../../../etc/passwd";
    __wasi_fd_t opened;
    __wasi_errno_t error = __wasi_path_open(3, 0, path, 0, __WASI_RIGHTS_FD_READ, 0, 0, &opened);
    held("errno", error);
  }
  if (is(attack, "read_passwd_by_link")) {
    int made = symlink("/etc/passwd", "link");
    fd = open("link", O_RDONLY);
    held("errno", made == 0 && fd >= 0 ? -1 : errno);
  }
  if (is(attack, "descriptors")) {
    int n = 0;
    while ((fd = open("/f", O_CREAT | O_RDWR, 0666)) >= 0) n++;
    held(errno == EMFILE ? "descriptors" : strerror(errno), n);
  }
  if (is(attack, "vectors")) {
    for (int i = 0; i < 2048; i++) vectors[i] = (__wasi_iovec_t){(uint8_t *)buffer, sizeof buffer};
    fd = open("/f", O_CREAT | O_RDWR, 0666);
    held("errno", __wasi_fd_write(fd, (const __wasi_ciovec_t *)vectors, 0xffffffff, &done));
  }
  if (is(attack, "vectors_wrapping")) {
    vectors[0] = (__wasi_iovec_t){(uint8_t *)0xfffffff0, 0x20};
    held("errno", __wasi_fd_write(1, (const __wasi_ciovec_t *)vectors, 1, &done));
  }
  if (is(attack, "vectors_over_themselves")) {
    for (int i = 0; i < 64; i++) vectors[i] = (__wasi_iovec_t){(uint8_t *)vectors, sizeof vectors};
    fd = open("/f", O_CREAT | O_RDWR, 0666);
    for (int i = 0; i < 2048; i++) write(fd, "\377\377\377\377\377\377\377\377", 8);
    lseek(fd, 0, SEEK_SET);
    held("errno", __wasi_fd_read(fd, vectors, 64, &done));
  }
  if (is(attack, "large_file")) {
    fd = open("/f", O_CREAT | O_RDWR, 0666);
    int made = ftruncate(fd, 1LL << 40);
    held("errno", made == 0 ? -1 : errno);
  }
  if (is(attack, "far_write")) {
    fd = open("/f", O_CREAT | O_RDWR, 0666);
    ssize_t written = pwrite(fd, "x", 1, 0x7fffffffffffffffLL);
    held("errno", written >= 0 ? -1 : errno);
  }
  if (is(attack, "file_bomb")) {
    long long total = 0;
    fd = open("/f", O_CREAT | O_RDWR, 0666);
    for (ssize_t n; (n = write(fd, buffer, sizeof buffer)) > 0;) total += n;
    held(errno == ENOSPC ? "full after MiB" : strerror(errno), total >> 20);
  }
  /* Each file is large once and small again: what is not used must not stay taken. */
  if (is(attack, "shrunk_files")) {
    char name[32];
    int n = 0;
    for (; n < 200; n++) {
      snprintf(name, sizeof name, "/f%d", n);
      fd = open(name, O_CREAT | O_RDWR, 0666);
      if (fd < 0 || ftruncate(fd, 12 << 20) != 0 || ftruncate(fd, 1) != 0 || close(fd) != 0) break;
    }
    held("files", n);
  }
  if (is(attack, "empty_files")) {
    char name[32];
    int n = 0;
    for (;; n++) {
      snprintf(name, sizeof name, "/f%d", n);
      fd = open(name, O_CREAT | O_RDWR, 0666);
      if (fd < 0) break;
      close(fd);
    }
    held(errno == ENOSPC ? "names" : strerror(errno), n > 20000);
  }
  if (is(attack, "deep_directories")) {
    __wasi_fd_t at = 3, next;
    int depth = 0;
    for (; depth < 100000; depth++) {
      if (__wasi_path_create_directory(at, "d") != 0) break;
      if (__wasi_path_open(at, 0, "d", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_PATH_CREATE_DIRECTORY,
                           __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_PATH_CREATE_DIRECTORY, 0, &next) != 0) break;
      if (at != 3) (void)!__wasi_fd_close(at);
      at = next;
    }
    held("deep", depth > 10000);
  }
  if (is(attack, "long_path")) {
    memset(buffer, '/', sizeof buffer - 1);
    for (size_t i = 0; i + 1 < sizeof buffer; i += 2) buffer[i] = 'a';
    buffer[sizeof buffer - 1] = 0;
    __wasi_fd_t opened;
    held("errno", __wasi_path_open(3, 0, buffer, 0, __WASI_RIGHTS_FD_READ, 0, 0, &opened));
  }
  if (is(attack, "link_bomb")) {
    char name[16];
    for (int i = 0; i < 60; i++) {
      char target[1024] = "";
      snprintf(name, sizeof name, "l%d", i);
      for (int j = 0; j < 100; j++) strcat(target, "./././");
      snprintf(target + strlen(target), 16, "l%d", i + 1);
      if (symlink(target, name) != 0) held(strerror(errno), -1);
    }
    fd = open("l0", O_RDONLY);
    held("errno", fd >= 0 ? -1 : errno);
  }
  if (is(attack, "link_loop")) {
    symlink("b", "a");
    symlink("a", "b");
    fd = open("a/c", O_RDONLY);
    held("errno", fd >= 0 ? -1 : errno);
  }
  if (is(attack, "subscriptions")) {
    __wasi_size_t events;
    held("errno", __wasi_poll_oneoff((const __wasi_subscription_t *)buffer, (__wasi_event_t *)buffer, 0x05555555, &events));
  }
  if (is(attack, "sleep_for_ever")) {
    __wasi_subscription_t sleep = {.u = {.tag = __WASI_EVENTTYPE_CLOCK, .u = {.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = ~0ULL}}}};
    __wasi_event_t event;
    __wasi_size_t events;
    held("errno", __wasi_poll_oneoff(&sleep, &event, 1, &events));
  }
  if (is(attack, "sleep_briefly")) {
    struct timespec time = {0, 100000000};
    nanosleep(&time, NULL);
    held("slept", 100);
  }
  if (is(attack, "output_bomb")) {
    for (;;) fwrite(buffer, 1, sizeof buffer, stdout);
  }
  if (is(attack, "error_bomb")) {
    memset(buffer, 'e', sizeof buffer);
    for (;;) fwrite(buffer, 1, sizeof buffer, stderr);
  }
  if (is(attack, "error_bomb_of_empty_lines")) {
    memset(buffer, '\n', sizeof buffer);
    for (;;) fwrite(buffer, 1, sizeof buffer, stderr);
  }
  if (is(attack, "random_of_4gib")) {
    held("errno", __wasi_random_get((uint8_t *)16, 0xffffffff));
  }
  if (is(attack, "heap_bomb")) {
    for (volatile char *block; (block = malloc(1 << 20)) != NULL;) *block = 1;
    __builtin_trap();
  }
  if (is(attack, "exit_code")) {
    fputs("\033[2J{\"code\": \"forged\"}", stderr);
    __wasi_proc_exit(0x80000001);
  }
  if (is(attack, "directory_listing_for_ever")) {
    char name[16];
    for (int i = 0; i < 2000; i++) {
      snprintf(name, sizeof name, "/f%d", i);
      close(open(name, O_CREAT | O_RDWR, 0666));
    }
    for (;;) (void)!__wasi_fd_readdir(3, (uint8_t *)buffer, 24, 0, &done);
  }
  if (is(attack, "close_everything")) {
    for (int i = 0; i < 64; i++) close(i);
    held("output", write(1, "x", 1));
  }
  return 99;
}
