/* Sleeps for as many milliseconds as its payload says, and says for how long it did. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

int main(void) {
  long milliseconds = 0;
  if (scanf("%ld", &milliseconds) != 1) return 99;
  struct timespec before, after, wanted = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  int error;
  while ((error = clock_nanosleep(CLOCK_MONOTONIC, 0, &wanted, NULL)) == EINTR) {}
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long slept = (after.tv_sec - before.tv_sec) * 1000000000LL + (after.tv_nsec - before.tv_nsec);
  printf("%d %s\n", error, slept >= milliseconds * 1000000LL ? "long enough" : "too short");
  return 0;
}
