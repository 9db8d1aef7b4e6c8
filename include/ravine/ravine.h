// All of Ravine.
#pragma once
#include "ravine/data.h"
#include "ravine/error.h"
#include "ravine/nn.h"
#include "ravine/ops.h"
#include "ravine/optimizer.h"
#include "ravine/option.h"
#include "ravine/parameter.h"
#include "ravine/random.h"
#include "ravine/rules.h"
#include "ravine/runtime.h"
#include "ravine/tensor.h"
#include "ravine/train.h"
