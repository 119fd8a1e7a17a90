/* n steps of five bodies that attract each other: f64 arithmetic with divisions and square roots. */
#include "kernel.h"

#define BODIES 5

typedef struct {
    double x, y, z, vx, vy, vz, mass;
} body;

static body bodies[BODIES];

static double unit(generator *g)
{
    return (double)(next_number(g) >> 8) / 16777216.0 - 0.5;
}

static NOINLINE void advance(double step)
{
    for (int i = 0; i < BODIES; i++) {
        body *p = &bodies[i];
        for (int j = i + 1; j < BODIES; j++) {
            body *q = &bodies[j];
            double dx = p->x - q->x;
            double dy = p->y - q->y;
            double dz = p->z - q->z;
            double squared = dx * dx + dy * dy + dz * dz + 0.01;
            double pull = step / (squared * __builtin_sqrt(squared));
            p->vx -= dx * q->mass * pull;
            p->vy -= dy * q->mass * pull;
            p->vz -= dz * q->mass * pull;
            q->vx += dx * p->mass * pull;
            q->vy += dy * p->mass * pull;
            q->vz += dz * p->mass * pull;
        }
    }

    for (int i = 0; i < BODIES; i++) {
        body *p = &bodies[i];
        p->x += step * p->vx;
        p->y += step * p->vy;
        p->z += step * p->vz;
    }
}

RUN double run(int32_t n)
{
    generator g = start_generator(4);
    for (int i = 0; i < BODIES; i++) {
        body *p = &bodies[i];
        p->x = 10 * unit(&g);
        p->y = 10 * unit(&g);
        p->z = 10 * unit(&g);
        p->vx = unit(&g);
        p->vy = unit(&g);
        p->vz = unit(&g);
        p->mass = 1.5 + unit(&g);
    }

    for (int32_t step = 0; step < n; step++) {
        advance(0.001);
    }

    double energy = 0;
    for (int i = 0; i < BODIES; i++) {
        const body *p = &bodies[i];
        energy += 0.5 * p->mass * (p->vx * p->vx + p->vy * p->vy + p->vz * p->vz);
        for (int j = i + 1; j < BODIES; j++) {
            const body *q = &bodies[j];
            double dx = p->x - q->x;
            double dy = p->y - q->y;
            double dz = p->z - q->z;
            energy -= p->mass * q->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz + 0.01);
        }
    }

    return energy;
}
