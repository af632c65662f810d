/* Hosts ferrite.wasm as wasm2c has translated it to C. */
#include "translated.h"

static Z_ferrite_instance_t instance;
static int instances;

static void renew(void) {
    if (instances++)
        Z_ferrite_free(&instance);
    else
        wasm_rt_init(), Z_ferrite_init_module();
    Z_ferrite_instantiate(&instance);
}

#define RENEW() renew()
#define MEMORY() Z_ferriteZ_memory(&instance)->data
#define CALL(name, ...) Z_ferriteZ_##name(&instance __VA_OPT__(, ) __VA_ARGS__)
#include "../over-module.h"
