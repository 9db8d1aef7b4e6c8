#include "runtime_options.h"

#include "environment.h"
#include "ravine/runtime.h"

namespace ravine::cli {

void RuntimeOptions::apply() const {
  const std::string name = isa.empty() ? environment("RAVINE_ISA") : isa;
  if (!name.empty()) set_isa(name);
  if (threads > 0) set_threads(int(threads));
}

}  // namespace ravine::cli
