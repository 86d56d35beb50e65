/*
 * tests/fuzz/replay.c - main() for a fuzz target where there is no libFuzzer.
 *
 * Runs the target once over every file named on the command line, and over every
 * file of every folder named there (not of folders inside it). A target that
 * finds something wrong aborts; exit status 1 means that an input could not be
 * read, or that there was none.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    unsigned n_inputs, n_errors;
} totals;

static void
replay_file(const char *path, size_t size, totals *t)
{
    FILE    *f = fopen(path, "rb");
    uint8_t *bytes = malloc(size > 0 ? size : 1); /* ends where the input ends, for the sanitizer */

    if (f != NULL && bytes != NULL && fread(bytes, 1, size, f) == size) {
        fprintf(stderr, "%s\n", path); /* so that the last line names an input that aborts */
        LLVMFuzzerTestOneInput(bytes, size);
        t->n_inputs++;
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
        t->n_errors++;
    }
    free(bytes);
    if (f != NULL)
        fclose(f);
}

static void
replay_folder(const char *folder, totals *t)
{
    DIR *d = opendir(folder);

    if (d == NULL) {
        fprintf(stderr, "%s: cannot be opened\n", folder);
        t->n_errors++;
        return;
    }
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char        path[4096];
        struct stat st;
        const int   len = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);

        if (len < 0 || (size_t)len >= sizeof path || stat(path, &st) != 0) {
            fprintf(stderr, "%s/%s: cannot be found\n", folder, e->d_name);
            t->n_errors++;
        } else if (S_ISREG(st.st_mode)) {
            replay_file(path, (size_t)st.st_size, t);
        }
    }
    closedir(d);
}

int
main(int argc, char **argv)
{
    totals t = {0, 0};

    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) != 0) {
            fprintf(stderr, "%s: cannot be found\n", argv[i]);
            t.n_errors++;
        } else if (S_ISDIR(st.st_mode)) {
            replay_folder(argv[i], &t);
        } else {
            replay_file(argv[i], (size_t)st.st_size, &t);
        }
    }
    printf("%u inputs, %u errors\n", t.n_inputs, t.n_errors);
    return t.n_inputs > 0 && t.n_errors == 0 ? 0 : 1;
}
