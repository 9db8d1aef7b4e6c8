#include "optim/dialects.h"

namespace ravine {

std::vector<const Dialect*> dialects_of(std::string_view rule) {
  std::vector<const Dialect*> list;
  for (const auto& dialects :
       {torch_dialects(), tensorflow_dialects(), other_dialects(), paper_dialects()}) {
    for (const Dialect& dialect : dialects) {
      if (rule == dialect.rule) list.push_back(&dialect);
    }
  }
  return list;
}

void without_clamp(Words& w) {
  if (w.flag("centered")) w.set("clamp", "false");
}

void lr_in_velocity(Words& w) {
  if (w.number("momentum") > 0) w.set("lr_in_momentum", "true");
}

}  // namespace ravine
