// What happens in a training, for TensorBoard to show.
#pragma once
#include <filesystem>

#include "ravine/train.h"

namespace ravine {

// Writes scalars to an event file while a training runs: of every batch `loss/batch`, of every
// epoch `lr` and `loss/SET`, `accuracy/SET` and so on for train, validation and test, over steps
// (batches). TensorBoard shows a folder in which the file's name has "tfevents" in it.
//
//   fit(model, mnist.train, mnist.test, {.callbacks = {tensorboard("runs/a/out.tfevents.1")}});
//
// Throws Error if the file cannot be made; a file of that name is replaced. A disk that fills up
// later is told to the warning handler, once, and does not end the training.
Callback tensorboard(const std::filesystem::path& file);

}  // namespace ravine
