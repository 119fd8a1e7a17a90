/* Shows the file that its first argument names and the folder that its second one names, then tries to change them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void tried(const char *what, int result) {
  printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

int main(int argc, char **argv) {
  if (argc != 3) return 99;
  char text[64] = "", path[256];
  struct stat status;
  int fd = open(argv[1], O_RDONLY);
  tried("open", fd);
  if (fd < 0) return 0;
  ssize_t count = read(fd, text, sizeof text - 1);
  printf("%zd %s\n", count, text);
  tried("seek", (int)lseek(fd, 1, SEEK_SET));
  printf("%zd at the end\n", read(fd, text, sizeof text));
  tried("fstat", fstat(fd, &status));
  printf("%lld %d\n", (long long)status.st_size, S_ISREG(status.st_mode) != 0);
  tried("ftruncate", ftruncate(fd, 0));
  tried("futimens", futimens(fd, NULL));
  DIR *folder = opendir(argv[2]);
  for (struct dirent *entry; folder && (entry = readdir(folder));) printf("%s%s ", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
  puts("");
  tried("write", open(argv[1], O_WRONLY));
  tried("truncate", open(argv[1], O_RDONLY | O_TRUNC));
  tried("create again", open(argv[1], O_RDONLY | O_CREAT, 0666));
  tried("create exclusively", open(argv[1], O_RDONLY | O_CREAT | O_EXCL, 0666));
  snprintf(path, sizeof path, "%s/new", argv[2]);
  tried("create", open(path, O_WRONLY | O_CREAT, 0666));
  tried("mkdir", mkdir(path, 0777));
  tried("symlink", symlink("x", path));
  tried("rename", rename(argv[1], path));
  tried("link", link(argv[1], path));
  tried("unlink", unlink(argv[1]));
  tried("unlink new", unlink(path));
  tried("rmdir", rmdir(argv[2]));
  tried("move out", rename(argv[1], "/moved"));
  snprintf(path, sizeof path, "%s/../../etc", argv[2]);
  tried("escape", open(path, O_RDONLY));
  return 0;
}
