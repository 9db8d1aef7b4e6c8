// Help, made of a listing of options.
#pragma once
#include <span>
#include <string_view>

#include "ravine/nn.h"
#include "ravine/option.h"

namespace ravine {

// The first `positional` options are shown by place, the others as name=default.
LayerHelp help_of(std::string_view name, std::string_view help, std::span<const OptionRef> options,
                  size_t positional);

}  // namespace ravine
