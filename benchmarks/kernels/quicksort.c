/* Sorts n numbers (up to 4 Mi): branches that cannot be predicted, recursion, loads and stores at moving indexes. */
#include "kernel.h"

#define LARGEST (4 << 20)

static int32_t numbers[LARGEST];

static void insertion_sort(int32_t *from, int32_t *to)
{
    for (int32_t *p = from + 1; p <= to; p++) {
        int32_t value = *p;
        int32_t *q = p;
        while (q > from && q[-1] > value) {
            *q = q[-1];
            q--;
        }

        *q = value;
    }
}

static NOINLINE void quicksort(int32_t *from, int32_t *to)
{
    while (to - from > 16) {
        int32_t first = *from;
        int32_t middle = from[(to - from) / 2];
        int32_t last = *to;
        int32_t pivot = first < middle ? (middle < last ? middle : (first < last ? last : first))
                                       : (first < last ? first : (middle < last ? last : middle));
        int32_t *left = from;
        int32_t *right = to;
        while (left <= right) {
            while (*left < pivot) {
                left++;
            }

            while (*right > pivot) {
                right--;
            }

            if (left <= right) {
                int32_t swapped = *left;
                *left++ = *right;
                *right-- = swapped;
            }
        }

        if (right - from < to - left) {
            quicksort(from, right);
            from = left;
        } else {
            quicksort(left, to);
            to = right;
        }
    }

    insertion_sort(from, to);
}

RUN int64_t run(int32_t n)
{
    if (n < 1 || n > LARGEST) {
        return -1;
    }

    generator g = start_generator(6);
    for (int32_t i = 0; i < n; i++) {
        numbers[i] = (int32_t)next_number(&g);
    }

    quicksort(numbers, numbers + n - 1);
    uint64_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        if (i > 0 && numbers[i - 1] > numbers[i]) {
            return -2;
        }

        sum = sum * 31 + (uint32_t)numbers[i];
    }

    return (int64_t)sum;
}
