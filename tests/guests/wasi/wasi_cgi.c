/*
 * A CGI program. With /show in the path it answers with its variables, a line each; with /trap it traps after it has
 * begun to answer; with /wait it answers each line of its input at once; otherwise its input is its whole answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(void) {
  const char *path = getenv("PATH_INFO");
  path = path ? path : "";
  if (strncmp(path, "/show", 5) == 0) {
    printf("Content-Type: text/plain\r\nX-Body-Bytes: ");
    long bytes = 0;
    while (getchar() != EOF) bytes++;
    printf("%ld\r\n\r\n", bytes);
    for (char **variable = environ; *variable; variable++) printf("%s\n", *variable);
    return 0;
  }

  if (strncmp(path, "/trap", 5) == 0) {
    printf("Content-Type: text/plain\n\nthe beginning\n");
    fflush(stdout);
    if (strcmp(path, "/trap/after-input") == 0)
      while (getchar() != EOF) continue;
    __builtin_trap();
  }

  if (strncmp(path, "/wait", 5) == 0) {
    char line[1024];
    write(1, "Content-Type: text/plain\n\n", 26);
    for (ssize_t count; (count = read(0, line, sizeof line)) > 0;) write(1, line, (size_t)count);
    return 0;
  }

  char block[4096];
  for (size_t count; (count = fread(block, 1, sizeof block, stdin)) > 0;) fwrite(block, 1, count, stdout);
  return fflush(stdout) ? 1 : 0;
}
