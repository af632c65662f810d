/* Hosts ferrite.wasm in wabt's interpreter; MODULE names the file. */
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "wabt/binary-reader.h"
#include "wabt/interp/binary-reader-interp.h"
#include "wabt/interp/interp.h"

using namespace wabt;
using namespace wabt::interp;

static Store store(Features{});
static Instance::Ptr instance;

[[noreturn]] static void give_up(const char *what) {
    printf("wabt: %s\n", what);
    exit(2);
}

static Module::Ptr read_module() {
    std::vector<uint8_t> bytes;
    FILE *file = fopen(MODULE, "rb");
    if (!file) give_up("no module");
    for (int byte; (byte = getc(file)) != EOF;) bytes.push_back(static_cast<uint8_t>(byte));
    fclose(file);
    Errors errors;
    ModuleDesc description;
    ReadBinaryOptions options(Features{}, nullptr, false, true, true);
    if (Failed(
            ReadBinaryInterp(MODULE, bytes.data(), bytes.size(), options, &errors, &description)))
        give_up("the module cannot be read");
    return Module::New(store, description);
}

static void renew() {
    static Module::Ptr module = read_module();
    Trap::Ptr trap;
    instance = Instance::Instantiate(store, module.ref(), {}, &trap);
    if (!instance) give_up("the module cannot be instantiated");
}

template <typename Kind> static RefPtr<Kind> exported(const char *name) {
    const Module::Ptr module(store, instance->module());
    for (size_t i = 0; i < module->export_types().size(); i++)
        if (module->export_types()[i].name == name)
            return store.UnsafeGet<Kind>(instance->exports()[i]);
    give_up(name);
}

static Value value(uint32_t number) {
    return Value::Make(number);
}
static Value value(double number) {
    return Value::Make(number);
}

static uint32_t call(const char *name, const Values &arguments) {
    Values results;
    Trap::Ptr trap;
    if (Failed(exported<Func>(name)->Call(store, arguments, results, &trap)))
        give_up(trap->message().c_str());
    return results[0].Get<uint32_t>();
}

template <typename... Arguments>
static uint32_t call_with(const char *name, Arguments... arguments) {
    return call(name, Values{value(arguments)...});
}

#define RENEW() renew()
#define MEMORY() exported<Memory>("memory")->UnsafeData()
#define CALL(name, ...) call_with(#name __VA_OPT__(, ) __VA_ARGS__)
#include "../over-module.h"
