/*
 * A CGI program. With /show in the path it answers with its variables, a line each; with /trap it traps, and with /spin
 * it never ends, after it has begun to answer; with /steps it takes a while between lines, and with /ticks there is always another one.
 * /lines answers each line of its input as soon as it has come. All of these say on standard error that they have begun.
 * /blocks writes as many blocks of 64 KiB as the query says. Otherwise its input is its whole answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void begin(void) {
  printf("Content-Type: text/plain\n\nthe beginning\n");
  fflush(stdout);
  fputs("has begun\n", stderr);
}

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

  if (strcmp(path, "/trap") == 0) {
    begin();
    usleep(200 * 1000);
    __builtin_trap();
  }

  if (strcmp(path, "/spin") == 0) {
    begin();
    for (volatile int i = 0;; i++) continue;
  }

  if (strcmp(path, "/steps") == 0) {
    begin();
    for (int i = 0; i < 5; i++) {
      usleep(20 * 1000);
      printf("step %d\n", i);
      fflush(stdout);
    }

    return 0;
  }

  if (strcmp(path, "/ticks") == 0) {
    begin();
    for (int i = 0;; i++) {
      usleep(10 * 1000);
      printf("tick %d\n", i);
      fflush(stdout);
    }
  }

  if (strcmp(path, "/lines") == 0) {
    begin();
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
      printf("got %s", line);
      fflush(stdout);
    }

    printf("the end\n");
    return 0;
  }

  if (strcmp(path, "/blocks") == 0) {
    static char many[64 << 10];
    memset(many, '.', sizeof many);
    begin();
    for (int i = atoi(getenv("QUERY_STRING")); i > 0; i--) {
      if (write(STDOUT_FILENO, many, sizeof many) != sizeof many) return 1;
    }

    return 0;
  }

  char block[4096];
  for (size_t count; (count = fread(block, 1, sizeof block, stdin)) > 0;) fwrite(block, 1, count, stdout);
  return fflush(stdout) ? 1 : 0;
}
