/* Uses a file system as programs do; exits with the line of the first thing that is not as it should be. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void check(int ok, int line, const char *what) {
  if (!ok) {
    fprintf(stderr, "line %d: %s (%s)\n", line, what, strerror(errno));
    exit(1);
  }
}
#define CHECK(condition) check(condition, __LINE__, #condition)
#define FAILS(call, code) (errno = 0, CHECK((call) < 0), CHECK(errno == (code)))

static int count(const char *path) {
  int n = 0;
  DIR *directory = opendir(path);
  CHECK(directory != NULL);
  while (readdir(directory)) n++;
  CHECK(closedir(directory) == 0);
  return n;
}

int main(void) {
  struct stat status;
  char text[64] = "";

  CHECK(mkdir("/work", 0777) == 0);
  FAILS(mkdir("/work", 0777), EEXIST);
  FILE *file = fopen("/work/a.txt", "w+");
  CHECK(file != NULL);
  CHECK(fprintf(file, "line %d\n", 1) == 7);
  CHECK(fseek(file, 5, SEEK_SET) == 0 && fputc('7', file) == '7');
  rewind(file);
  CHECK(fgets(text, sizeof text, file) && strcmp(text, "line 7\n") == 0);
  CHECK(fclose(file) == 0);
  CHECK(stat("/work/a.txt", &status) == 0 && status.st_size == 7 && S_ISREG(status.st_mode) && status.st_nlink == 1);
  CHECK(labs((long)(time(NULL) - status.st_mtim.tv_sec)) < 60);

  int fd = open("/work/a.txt", O_WRONLY | O_APPEND);
  CHECK(fd >= 0 && write(fd, "end", 3) == 3 && lseek(fd, 0, SEEK_CUR) == 10);
  FAILS((int)read(fd, text, 1), EBADF);
  CHECK(close(fd) == 0);
  fd = open("/work/a.txt", O_RDWR);
  CHECK(pwrite(fd, "XY", 2, 20) == 2 && fstat(fd, &status) == 0 && status.st_size == 22);
  memset(text, 1, sizeof text);
  CHECK(pread(fd, text, sizeof text, 8) == 14 && memcmp(text, "nd\0\0\0\0\0\0\0\0\0\0XY", 14) == 0);
  CHECK(ftruncate(fd, 3) == 0 && ftruncate(fd, 6) == 0 && pread(fd, text, 10, 0) == 6 && memcmp(text, "lin\0\0\0", 6) == 0);
  struct timespec times[2] = {{1000, 1}, {2000, 2}};
  CHECK(futimens(fd, times) == 0 && fstat(fd, &status) == 0 && status.st_atim.tv_sec == 1000 && status.st_mtim.tv_nsec == 2);
  FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
  FAILS(open("/work/a.txt", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST);
  FAILS(open("/work/a.txt/", O_RDONLY), ENOTDIR);
  FAILS(open("/work/b", O_RDONLY), ENOENT);
  FAILS(open("/work", O_WRONLY), EISDIR);

  CHECK(link("/work/a.txt", "/work/b") == 0 && stat("/work/b", &status) == 0 && status.st_nlink == 2);
  CHECK(unlink("/work/a.txt") == 0 && unlink("/work/b") == 0);
  CHECK(pread(fd, text, 10, 0) == 6 && fstat(fd, &status) == 0 && status.st_nlink == 0);
  CHECK(close(fd) == 0);

  CHECK(mkdir("/work/deep", 0777) == 0 && mkdir("/work/deep/deeper", 0777) == 0);
  CHECK(symlink("deep/deeper", "/work/way") == 0 && readlink("/work/way", text, sizeof text) == 11);
  CHECK((fd = open("/work/way/../deeper/f", O_CREAT | O_WRONLY, 0666)) >= 0 && close(fd) == 0);
  CHECK(stat("/work/deep/deeper/f", &status) == 0 && status.st_size == 0);
  CHECK(lstat("/work/way", &status) == 0 && S_ISLNK(status.st_mode));
  CHECK(symlink("round", "/work/round") == 0);
  FAILS(open("/work/round", O_RDONLY), ELOOP);
  FAILS(rmdir("/work/deep"), ENOTEMPTY);
  FAILS(rename("/work/deep", "/work/deep/deeper/in"), EINVAL);
  CHECK(rename("/work/deep/deeper/f", "/work/g") == 0);
  FAILS(rename("/work/g", "/work/deep"), EISDIR);
  CHECK(count("/work") == 6 && count("/work/deep/deeper") == 2);

  for (int i = 0; i < 300; i++) {
    snprintf(text, sizeof text, "/work/deep/file number %d with a long name", i);
    CHECK((fd = creat(text, 0666)) >= 0 && close(fd) == 0);
  }
  CHECK(count("/work/deep") == 303);

  char *block = malloc(3 << 20);
  CHECK(block != NULL);
  memset(block, 'x', 3 << 20);
  CHECK((file = fopen("/work/large", "w")) && fwrite(block, 1, 3 << 20, file) == 3 << 20 && fclose(file) == 0);
  CHECK(stat("/work/large", &status) == 0 && status.st_size == 3 << 20);
  puts("all as it should be");
  return 0;
}
