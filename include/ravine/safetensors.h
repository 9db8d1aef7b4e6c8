// Tensors in a file that PyTorch, JAX and others read: github.com/huggingface/safetensors.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ravine/nn.h"
#include "ravine/tensor.h"

namespace ravine {

struct TensorFile {
  std::vector<std::pair<std::string, Tensor>> tensors;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
};

// Throws Error, and leaves `path` as it was: two tensors of one name, or the file cannot be
// written.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

// Throws Error on a file that cannot be read or is not well formed in any way: nothing in it is
// trusted. Reads F32, F64 and I32.
TensorFile read_safetensors(const std::filesystem::path& path);

// The parameters, under the names and in the layout of the same PyTorch nn.Sequential; what builds
// the model again, its spec and input shape, stands in the metadata.
//   save_model("mnist.safetensors", model);
//   Model same = load_model("mnist.safetensors");
void save_model(const std::filesystem::path& path, const Model& model);
Model load_model(const std::filesystem::path& path);

// Copies a file's tensors into the model. Throws Error that names every missing, unknown or wrongly
// shaped one; nothing has changed then.
void load_parameters(const TensorFile& file, const Model& model);

}  // namespace ravine
