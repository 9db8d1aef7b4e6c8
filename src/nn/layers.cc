#include "nn/dense.h"
#include "nn/dropout.h"
#include "nn/flatten.h"
#include "nn/help.h"
#include "nn/relu.h"
#include "nn/sigmoid.h"
#include "nn/softmax.h"
#include "nn/tanh.h"

namespace ravine {
namespace {

template <class L>
constexpr LayerKind kind_of() {
  return {L::kName, L::kHelp, L::kPositional, [] { return std::unique_ptr<Layer>(new L); }};
}

constexpr LayerKind kKinds[] = {
    kind_of<Dense>(),  // matrix product
    kind_of<Relu>(),   // activations
    kind_of<Sigmoid>(), kind_of<Tanh>(), kind_of<Softmax>(),
    kind_of<Dropout>(),  // the rest
    kind_of<Flatten>(),
};

}  // namespace

std::span<const LayerKind> layer_kinds() { return kKinds; }

std::vector<LayerHelp> layer_help() {
  std::vector<LayerHelp> list;
  for (const LayerKind& kind : kKinds) {
    const auto layer = kind.make();
    list.push_back(help_of(kind.name, kind.help, layer->options(), kind.positional));
  }
  return list;
}

}  // namespace ravine
