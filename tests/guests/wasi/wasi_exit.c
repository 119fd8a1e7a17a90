/* Exits with the code that its payload starts with. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int code = 0;
  if (scanf("%d", &code) != 1) return 99;
  printf("an answer that nobody gets\n");
  fprintf(stderr, "giving up\nwith code %d\n", code);
  exit(code);
}
