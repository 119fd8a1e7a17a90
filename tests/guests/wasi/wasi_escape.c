/* Tries to reach what lies outside its directory; answers what came of each try. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    int fd = open(argv[i], O_RDONLY);
    printf("open %s: %s\n", argv[i], fd < 0 ? strerror(errno) : "opened");
    struct stat status;
    printf("stat %s: %s\n", argv[i], stat(argv[i], &status) ? strerror(errno) : "found");
  }
  printf("symlink: %s\n", symlink("/etc", "/outside") ? strerror(errno) : "made");
  printf("rename: %s\n", rename("/inside", "/../inside") ? strerror(errno) : "renamed");
  return 0;
}
