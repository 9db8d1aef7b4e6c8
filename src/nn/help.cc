#include "nn/help.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ravine/option.h"

namespace ravine {
LayerHelp help_of(std::string_view name, std::string_view help, std::span<const OptionRef> options,
                  size_t positional) {
  LayerHelp result{std::string(name), std::string(name), std::string(help), {}};
  std::vector<std::string> shown;
  for (const OptionRef& ref : options) {
    const bool needed = value_text(ref) == "0" && ref.option.range.low > 0;  // the default is none
    const std::string value = needed ? "" : value_text(ref);
    result.options.push_back({ref.option.name, value, takes_text(ref), ref.option.help});
    shown.push_back(shown.size() < positional ? ref.option.name
                                              : fmt::format("{}={}", ref.option.name, value));
  }
  if (!shown.empty()) result.usage += fmt::format("({})", join(shown, ", "));
  return result;
}

}  // namespace ravine
