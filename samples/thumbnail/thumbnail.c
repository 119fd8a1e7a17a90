/*
 * thumbnail: reads a binary PPM image (P6, 8 or 16 bits a channel) and answers with a P6 image of at most 64 x 64
 * pixels, 8 bits a channel, made by averaging the area that each new pixel covers. The shape is kept and a smaller
 * image is not enlarged. Anything that is not such an image gets a line that starts with "error: " and says why.
 */
#include "../sdk/c/helios.h"

#define MAX_SIDE 64u
#define MAX_INPUT_SIDE 65535u

typedef struct {
    const uint8_t *bytes;
    uint32_t length;
    uint32_t at;
} reader;

typedef struct {
    uint32_t width;
    uint32_t height;
    uint32_t maximum;    /* the value of a fully lit channel */
    uint32_t depth;      /* bytes a channel */
    const uint8_t *data;
} image;

static int is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_space_and_comments(reader *in)
{
    while (in->at < in->length) {
        uint8_t c = in->bytes[in->at];
        if (c == '#') {
            while (in->at < in->length && in->bytes[in->at] != '\n' && in->bytes[in->at] != '\r') {
                in->at++;
            }
        } else if (is_space(c)) {
            in->at++;
        } else {
            return;
        }
    }
}

/* Reads one decimal number of the header; 0 when there is none or it is larger than 65535. */
static uint32_t read_number(reader *in)
{
    skip_space_and_comments(in);
    uint32_t value = 0;
    while (in->at < in->length && in->bytes[in->at] >= '0' && in->bytes[in->at] <= '9') {
        value = value * 10 + (in->bytes[in->at++] - '0');
        if (value > MAX_INPUT_SIDE) {
            return 0;
        }
    }

    return value;
}

/* Fills in `picture`; returns what is wrong, or NULL when nothing is. */
static const char *read_header(reader *in, image *picture)
{
    if (in->length == 0) {
        return "error: the payload is empty; expected a binary PPM image (P6)\n";
    }

    if (in->length < 3 || in->bytes[0] != 'P' || in->bytes[1] != '6'
        || !(is_space(in->bytes[2]) || in->bytes[2] == '#')) {
        return "error: not a binary PPM image: the payload does not start with P6 and a space\n";
    }

    in->at = 2;
    picture->width = read_number(in);
    if (picture->width == 0) {
        return "error: the width is not a number from 1 to 65535\n";
    }

    picture->height = read_number(in);
    if (picture->height == 0) {
        return "error: the height is not a number from 1 to 65535\n";
    }

    picture->maximum = read_number(in);
    if (picture->maximum == 0) {
        return "error: the maximum channel value is not a number from 1 to 65535\n";
    }

    if (in->at >= in->length || !is_space(in->bytes[in->at])) {
        return "error: the header does not end in one space or newline\n";
    }

    in->at++;
    picture->depth = picture->maximum > 255 ? 2 : 1;
    picture->data = in->bytes + in->at;
    uint64_t needed = (uint64_t)picture->width * picture->height * 3 * picture->depth;
    if (needed > in->length - in->at) {
        return "error: the image is cut short: fewer bytes of pixels than the header announces\n";
    }

    return NULL;
}

static uint32_t read_channel(const image *picture, uint32_t x, uint32_t y, uint32_t channel)
{
    const uint8_t *at = picture->data + ((y * picture->width + x) * 3 + channel) * picture->depth;
    uint32_t value = picture->depth == 2 ? (uint32_t)at[0] << 8 | at[1] : at[0];
    return value > picture->maximum ? picture->maximum : value;
}

/*
 * The average over the area of the source that the new pixel (x, y) covers. Lengths are counted in units of
 * 1 / new width and 1 / new height of a source pixel, which makes every edge a whole number and the result exact.
 */
static void average(const image *picture, uint32_t width, uint32_t height, uint32_t x, uint32_t y, uint8_t rgb[3])
{
    uint32_t left = x * picture->width;
    uint32_t right = left + picture->width;
    uint32_t top = y * picture->height;
    uint32_t bottom = top + picture->height;
    uint64_t sums[3] = {0, 0, 0};
    for (uint32_t row = top / height; row * height < bottom; row++) {
        uint32_t from = row * height > top ? row * height : top;
        uint32_t to = (row + 1) * height < bottom ? (row + 1) * height : bottom;
        uint64_t row_weight = to - from;
        for (uint32_t column = left / width; column * width < right; column++) {
            from = column * width > left ? column * width : left;
            to = (column + 1) * width < right ? (column + 1) * width : right;
            uint64_t weight = row_weight * (to - from);
            for (uint32_t channel = 0; channel < 3; channel++) {
                sums[channel] += weight * read_channel(picture, column, row, channel);
            }
        }
    }

    /* At most 65535 * 65535 * 65535 * 255 in the numerator, which 64 bits hold. */
    uint64_t full = (uint64_t)picture->width * picture->height * picture->maximum;
    for (uint32_t channel = 0; channel < 3; channel++) {
        rgb[channel] = (uint8_t)((sums[channel] * 255 + full / 2) / full);
    }
}

static uint32_t write_number(uint8_t *out, uint32_t value)
{
    uint8_t digits[10];
    uint32_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value != 0);

    for (uint32_t i = 0; i < count; i++) {
        out[i] = digits[count - 1 - i];
    }

    return count;
}

/* The side that belongs to `other` when the longer side becomes MAX_SIDE; at least one pixel. */
static uint32_t scale_side(uint32_t side, uint32_t longest)
{
    uint32_t scaled = (side * MAX_SIDE + longest / 2) / longest;
    return scaled == 0 ? 1 : scaled;
}

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    reader in = {payload, length, 0};
    image picture;
    const char *problem = read_header(&in, &picture);
    if (problem != NULL) {
        return helios_respond_text(problem);
    }

    uint32_t width = picture.width;
    uint32_t height = picture.height;
    uint32_t longest = width > height ? width : height;
    if (longest > MAX_SIDE) {
        width = scale_side(width, longest);
        height = scale_side(height, longest);
    }

    uint8_t *response = helios_allocate(32 + width * height * 3);
    if (response == NULL) {
        return helios_respond_text("error: out of memory\n");
    }

    uint32_t at = 0;
    response[at++] = 'P';
    response[at++] = '6';
    response[at++] = '\n';
    at += write_number(response + at, width);
    response[at++] = ' ';
    at += write_number(response + at, height);
    response[at++] = '\n';
    at += write_number(response + at, 255);
    response[at++] = '\n';
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++, at += 3) {
            average(&picture, width, height, x, y, response + at);
        }
    }

    return helios_respond(response, at);
}
