/* Answers the payload in upper case; says on standard error how it was called. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) fprintf(stderr, "arg %d %s\n", i, argv[i]);
  for (char **variable = environ; *variable; variable++) fprintf(stderr, "env %s\n", *variable);
  for (int c; (c = getchar()) != EOF;) putchar(toupper(c));
  return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
