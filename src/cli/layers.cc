// ravine layers: the grammar of models.
#include <fmt/format.h>

#include "command.h"
#include "help.h"
#include "ravine/format.h"
#include "ravine/nn.h"

namespace ravine::cli {

int run_layers(Screen& screen, Arguments arguments) {
  const Syntax syntax{.name = "layers",
                      .about = "Shows what a model is made of: layers, options and presets."};
  if (!parse(screen, syntax, arguments)) return 0;
  const int width = std::min(screen.width(), 100);
  Entries entries;
  for (const LayerHelp& layer : layer_help()) entries.emplace_back(layer.usage, layer.help);
  screen.text(fmt::format(
      "{}\n\n{}\n{}\n\nexamples:\n"
      "  ravine train --model \"dense(512) relu dense(256) relu dense(10)\"\n"
      "  ravine train --model softmax\n",
      wrapped("A model is its layers in order: --model \"dense(128) relu dropout(0.2)\".", width,
              0),
      entries_text(entries, width),
      wrapped("A last dense as wide as the data's outputs, with or without softmax, is the output; "
              "else one is added. Presets: softmax is the output alone, mlp is dense(128) relu "
              "dropout(0.2) and the output.",
              width, 0)));
  return 0;
}

}  // namespace ravine::cli
