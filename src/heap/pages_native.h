/* A hook for tests: commits that would pass this many bytes from the base are refused. */
#ifndef FERRITE_PAGES_NATIVE_H
#define FERRITE_PAGES_NATIVE_H
#include "base/base.h"
extern u64 pages_native_refuse_above;
#endif
