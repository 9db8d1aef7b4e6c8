// Every rule, as text without include guards: ravine/rules.h includes it for the host, the kernels
// once for each instruction set, each time where `arithmetic` means the numbers at hand.
#include "ravine/rules/adagrad.h"
#include "ravine/rules/adam.h"
#include "ravine/rules/engine.h"
#include "ravine/rules/rmsprop.h"
#include "ravine/rules/sgd.h"
using BuiltInRules = std::tuple<Sgd, Adagrad, RmsProp, Adam, AdamW>;
