/*
 * helios.h: write a HeliosEdge function in freestanding C.
 *
 * Include this from exactly one source file of a module: it defines the two allocator exports that the guest ABI
 * `helios-1` asks for. There is no libc behind it. A function is declared with
 *
 *     HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
 *     {
 *         return helios_respond_text("hello");
 *     }
 *
 * and the module is built with
 *
 *     clang --target=wasm32 -O2 -ffreestanding -nostdlib -mbulk-memory -Wl,--no-entry -Wl,--stack-first ...
 */
#ifndef HELIOS_H
#define HELIOS_H

#include <stddef.h>
#include <stdint.h>

/** Exports a function from the module under the given name. */
#define HELIOS_EXPORT(name) __attribute__((export_name(name)))

/** A response as the host reads it: the address in the upper 32 bits, the length in the lower 32. */
typedef uint64_t helios_response;

#define HELIOS_PAGE_BYTES 65536u
#define HELIOS_ALIGNMENT 16u

/* The linker puts this symbol at the first byte that neither the stack nor static data uses. */
extern uint8_t __heap_base;

/*
 * The heap is one address-ordered list of free blocks, first fit, neighbours joined when freed. A used block keeps
 * its own size in its header, so the size that the host passes to __wasm_deallocate need not be trusted.
 */
typedef struct helios_block {
    uint32_t size; /* of the whole block, header included; a multiple of HELIOS_ALIGNMENT */
    struct helios_block *next;
    uint32_t reserved[2]; /* keeps what follows the header aligned */
} helios_block;

static helios_block *helios_free_list;
static int helios_heap_started;

static void helios_release_block(helios_block *block)
{
    helios_block *before = NULL;
    helios_block *after = helios_free_list;
    while (after != NULL && (uintptr_t)after < (uintptr_t)block) {
        before = after;
        after = after->next;
    }

    if (after != NULL && (uintptr_t)block + block->size == (uintptr_t)after) {
        block->size += after->size;
        after = after->next;
    }

    block->next = after;
    if (before == NULL) {
        helios_free_list = block;
    } else if ((uintptr_t)before + before->size == (uintptr_t)block) {
        before->size += block->size;
        before->next = after;
    } else {
        before->next = block;
    }
}

/* Adds at least `bytes` bytes of fresh linear memory to the free list; 0 when the memory may not grow so far. */
static int helios_grow_heap(uint32_t bytes)
{
    if (!helios_heap_started) {
        /* The rest of the pages that the module starts with comes first. */
        helios_heap_started = 1;
        uintptr_t base = ((uintptr_t)&__heap_base + HELIOS_ALIGNMENT - 1) & ~(uintptr_t)(HELIOS_ALIGNMENT - 1);
        uintptr_t end = (uintptr_t)__builtin_wasm_memory_size(0) * HELIOS_PAGE_BYTES;
        if (end > base) {
            helios_block *first = (helios_block *)base;
            first->size = (uint32_t)(end - base);
            helios_release_block(first);
            if (first->size >= bytes) {
                return 1;
            }
        }
    }

    uint32_t pages = bytes / HELIOS_PAGE_BYTES + (bytes % HELIOS_PAGE_BYTES != 0);
    size_t old_pages = __builtin_wasm_memory_grow(0, pages);
    /* The very last page of a 4 GiB memory would make the end of the heap wrap to 0: leave it alone. */
    if (old_pages == (size_t)-1 || old_pages + pages >= 65536) {
        return 0;
    }

    helios_block *block = (helios_block *)(old_pages * HELIOS_PAGE_BYTES);
    block->size = pages * HELIOS_PAGE_BYTES;
    helios_release_block(block);
    return 1;
}

/** Returns `size` bytes aligned to 16, or NULL when linear memory may not grow any further. */
static void *helios_allocate(uint32_t size)
{
    if (size > UINT32_MAX - 2 * HELIOS_PAGE_BYTES) {
        return NULL;
    }

    uint32_t needed = (size + (uint32_t)sizeof(helios_block) + HELIOS_ALIGNMENT - 1) & ~(HELIOS_ALIGNMENT - 1);
    do {
        helios_block **link = &helios_free_list;
        for (helios_block *block = helios_free_list; block != NULL; link = &block->next, block = block->next) {
            if (block->size < needed) {
                continue;
            }

            if (block->size - needed > sizeof(helios_block)) {
                helios_block *rest = (helios_block *)((uint8_t *)block + needed);
                rest->size = block->size - needed;
                rest->next = block->next;
                block->size = needed;
                *link = rest;
            } else {
                *link = block->next;
            }

            return block + 1;
        }
    } while (helios_grow_heap(needed));

    return NULL;
}

/** Gives back what helios_allocate returned; NULL is allowed. */
static void helios_release(void *memory)
{
    if (memory != NULL) {
        helios_release_block((helios_block *)memory - 1);
    }
}

/** The host calls this to place a payload. */
HELIOS_EXPORT("__wasm_allocate") void *helios_export_allocate(uint32_t size)
{
    return helios_allocate(size);
}

/** The host calls this to give back a payload or a response it has read. */
HELIOS_EXPORT("__wasm_deallocate") void helios_export_deallocate(void *memory, uint32_t size)
{
    (void)size;
    helios_release(memory);
}

/** Answers with `length` bytes at `bytes`, which came from helios_allocate; the host owns them from then on. */
static inline helios_response helios_respond(const void *bytes, uint32_t length)
{
    return (helios_response)(uintptr_t)bytes << 32 | length;
}

/** Answers with a copy of a zero-terminated text, or with nothing when there is no memory left for the copy. */
static inline helios_response helios_respond_text(const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0') {
        length++;
    }

    void *copy = helios_allocate(length);
    if (copy == NULL) {
        return 0;
    }

    __builtin_memcpy(copy, text, length);
    return helios_respond(copy, length);
}

#endif
