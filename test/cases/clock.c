/* The time of a redis-server that is tested: preloaded, it reads the clock from a file, where it
 * stands until the test moves it. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static volatile const int64_t *now_us; /* in the file that CLOCK_FILE names */

__attribute__((constructor)) static void open_clock(void) {
    const char *path = getenv("CLOCK_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *now_us, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) _exit(1);
    now_us = page;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    if (!now_us) open_clock();
    time->tv_sec = *now_us / 1000000;
    time->tv_usec = *now_us % 1000000;
    return 0;
}
