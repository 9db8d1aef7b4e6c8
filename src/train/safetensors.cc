// The format: the header's length (8 bytes, little-endian), the header (JSON, filled up with spaces
// so that the data begin at a multiple of 8), the data. The header names each tensor's dtype, shape
// and range of the data; the ranges lie side by side without holes.
#include "ravine/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "ravine/error.h"
#include "ravine/runtime.h"
#include "train/bytes.h"

namespace ravine {
namespace {

static_assert(std::endian::native == std::endian::little, "the file holds memory as it is");

constexpr const char* kMetadata = "__metadata__";

struct DTypeName {
  const char* name;
  DType dtype;
};
constexpr DTypeName kDTypes[] = {
    {"F32", DType::kFloat32}, {"F64", DType::kFloat64}, {"I32", DType::kInt32}};

const char* dtype_name(DType dtype) {
  return std::ranges::find(kDTypes, dtype, &DTypeName::dtype)->name;
}

// ---- reading: nothing in the file is trusted ----

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path), bytes_(read_file(path)) {}

  TensorFile read() {
    const Json header = parse_header();
    TensorFile file;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadata)
        file.metadata = metadata(value);
      else
        entries.push_back(entry(name, value));
    }
    check_ranges(entries);
    for (const Entry& e : entries) file.tensors.emplace_back(e.name, tensor(e));
    return file;
  }

 private:
  struct Entry {
    std::string name;
    DType dtype;
    Shape shape;
    uint64_t begin, end;
  };

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(fmt::format("{}: not a well-formed safetensors file: {}", path_text(path_), why));
  }

  Json parse_header() {
    uint64_t length = 0;
    if (bytes_.size() < sizeof(length)) fail(fmt::format("it has {} bytes", bytes_.size()));
    std::memcpy(&length, bytes_.data(), sizeof(length));
    if (length > bytes_.size() - sizeof(length)) {
      fail(fmt::format("a header of {} bytes in a file of {}", length, bytes_.size()));
    }
    data_ = std::string_view(bytes_).substr(sizeof(length) + length);
    const std::string_view text = std::string_view(bytes_).substr(sizeof(length), length);
    try {
      Json header = parse_json(text, [this](int depth, Json::parse_event_t event, Json& value) {
        return check_event(depth, event, value);
      });
      if (!header.is_object()) fail("the header is no JSON object");
      return header;
    } catch (const Json::exception& e) {
      fail(fmt::format("its header is no JSON ({})", e.what()));
    }
  }

  // The JSON reader itself would keep the last of two equal keys, and any depth.
  bool check_event(int depth, Json::parse_event_t event, const Json& value) {
    if (depth > 3) fail("the header is nested too deeply");
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto name = value.get<std::string>();
      if (!keys_.back().insert(name).second) fail(fmt::format("'{}' stands there twice", name));
    }
    return true;
  }

  std::map<std::string, std::string> metadata(const Json& value) const {
    std::map<std::string, std::string> result;
    if (!value.is_object()) fail("the metadata are no object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("metadata '{}' is no text", key));
      result[key] = text.get<std::string>();
    }
    return result;
  }

  Entry entry(const std::string& name, const Json& value) const {
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets") || value.size() != 3 || !value["dtype"].is_string()) {
      fail(fmt::format("tensor '{}' needs dtype, shape and data_offsets alone", name));
    }
    const auto& dtype = value["dtype"].get_ref<const std::string&>();
    const auto* known = std::ranges::find(kDTypes, dtype, &DTypeName::name);
    if (known == std::end(kDTypes)) {
      throw Error(fmt::format("{}: tensor '{}' has dtype {}; Ravine reads F32, F64 and I32",
                              path_text(path_), name, dtype));
    }
    const std::vector<uint64_t> dims = whole_numbers(name, "shape", value["shape"]);
    const std::vector<uint64_t> range = whole_numbers(name, "data_offsets", value["data_offsets"]);
    if (dims.size() > Shape::kMaxRank) {
      fail(fmt::format("tensor '{}' has {} dimensions, more than {}", name, dims.size(),
                       Shape::kMaxRank));
    }
    if (range.size() != 2 || range[0] > range[1] || range[1] > data_.size()) {
      fail(fmt::format("data_offsets of tensor '{}' lie outside of the {} bytes of data", name,
                       data_.size()));
    }
    check_size(name, dims, size_of(known->dtype), range[1] - range[0]);
    const std::vector<int64_t> shape(dims.begin(), dims.end());
    return {name, known->dtype, Shape(std::span(shape)), range[0], range[1]};
  }

  std::vector<uint64_t> whole_numbers(const std::string& name, const char* what,
                                      const Json& value) const {
    std::vector<uint64_t> numbers;
    if (!value.is_array()) fail(fmt::format("{} of tensor '{}' is no list", what, name));
    for (const Json& number : value) {
      if (!number.is_number_unsigned()) {
        fail(fmt::format("{} of tensor '{}' is no list of whole numbers", what, name));
      }
      numbers.push_back(number.get<uint64_t>());
    }
    return numbers;
  }

  void check_size(const std::string& name, const std::vector<uint64_t>& dims, uint64_t element,
                  uint64_t bytes) const {
    uint64_t size = element;
    const bool empty = std::ranges::count(dims, 0u) > 0;
    for (const uint64_t dim : dims) {
      if (dim > uint64_t(INT64_MAX) || (!empty && __builtin_mul_overflow(size, dim, &size))) {
        fail(fmt::format("the shape of tensor '{}' is too large", name));
      }
    }
    if (empty) size = 0;
    if (size != bytes) {
      fail(fmt::format("tensor '{}' has {} bytes; its shape needs {}", name, bytes, size));
    }
  }

  void check_ranges(std::vector<Entry>& entries) const {
    std::ranges::stable_sort(entries, {}, [](const Entry& e) { return std::pair(e.begin, e.end); });
    uint64_t at = 0;
    for (const Entry& e : entries) {
      if (e.begin != at) {
        fail(fmt::format("tensor '{}' begins at byte {} of the data, not at {}", e.name, e.begin,
                         at));
      }
      at = e.end;
    }
    if (at != data_.size()) {
      fail(fmt::format("the tensors fill {} of {} bytes of data", at, data_.size()));
    }
  }

  Tensor tensor(const Entry& e) const {
    Tensor result = Tensor::empty(e.shape, e.dtype);
    const std::span<char> bytes = bytes_of(result);
    std::copy_n(data_.data() + e.begin, bytes.size(), bytes.data());
    return result;
  }

  std::filesystem::path path_;
  std::string bytes_;
  std::string_view data_;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

std::vector<const std::pair<std::string, Tensor>*> widest_first(const TensorFile& file) {
  std::vector<const std::pair<std::string, Tensor>*> order;
  for (const auto& entry : file.tensors) order.push_back(&entry);
  std::ranges::stable_sort(order, std::greater(),
                           [](const auto* entry) { return size_of(entry->second.dtype()); });
  return order;
}

std::string padded_header(const std::filesystem::path& path, const Json& header) {
  try {
    std::string text = json_text(header, NotUtf8::kThrows);
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const Json::exception&) {
    throw Error(fmt::format("cannot write {}: a name in it is not UTF-8", path_text(path)));
  }
}

// What is wrong with `file` as the parameters of `model`: "" when nothing is.
std::string misfit(const TensorFile& file, const std::vector<Parameter>& parameters) {
  std::string text;
  std::set<std::string> unknown;
  for (const auto& [name, tensor] : file.tensors) unknown.insert(name);
  for (const Parameter& p : parameters) {
    const auto found = std::ranges::find(file.tensors, p.name, [](auto& t) { return t.first; });
    if (found == file.tensors.end()) {
      text += fmt::format("; '{}' is missing", p.name);
      continue;
    }
    unknown.erase(p.name);
    const Tensor& tensor = found->second;
    if (tensor.shape().vector() != p.shape || tensor.dtype() != p.dtype) {
      text += fmt::format("; '{}' is {} {}, the model's {} {}", p.name, name_of(tensor.dtype()),
                          tensor.shape().text(), name_of(p.dtype), Shape(p.shape).text());
    }
  }
  for (const std::string& name : unknown) text += fmt::format("; the model has no '{}'", name);
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header[kMetadata] = file.metadata;
  const auto order = widest_first(file);
  uint64_t at = 0;
  for (const auto* entry : order) {
    const auto& [name, tensor] = *entry;
    if (name == kMetadata || header.contains(name)) {
      throw Error(
          fmt::format("cannot write {}: two tensors are named '{}'", path_text(path), name));
    }
    const uint64_t end = at + bytes_of(tensor).size();
    header[name] = {{"dtype", dtype_name(tensor.dtype())},
                    {"shape", tensor.shape().vector()},
                    {"data_offsets", {at, end}}};
    at = end;
  }
  const std::string text = padded_header(path, header);
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes.reserve(bytes.size() + text.size() + at);
  bytes += text;
  for (const auto* entry : order) {
    const std::span<char> values = bytes_of(entry->second);
    bytes.append(values.data(), values.size());
  }
  write_file(path, bytes);
}

TensorFile read_safetensors(const std::filesystem::path& path) { return Reader(path).read(); }

void save_model(const std::filesystem::path& path, const Model& model) {
  TensorFile file;
  file.metadata = {{"format", "pt"},
                   {"ravine", version()},
                   {"model", model.spec()},
                   {"input", json_text(model.input().vector())}};
  for (const Parameter& p : model.parameters()) {
    file.tensors.emplace_back(p.name, model.parameter(p.name));
  }
  write_safetensors(path, file);
}

Model load_model(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  const auto spec = file.metadata.find("model"), input = file.metadata.find("input");
  if (spec == file.metadata.end() || input == file.metadata.end()) {
    throw Error(fmt::format(
        "{} does not say which model it holds; build that and load_parameters()", path_text(path)));
  }
  try {
    const auto dims = parse_json(input->second).get<std::vector<int64_t>>();
    const bool wide = !file.tensors.empty() && file.tensors[0].second.dtype() == DType::kFloat64;
    Model model(spec->second, {.input = Shape(std::span(dims)),
                               .dtype = wide ? DType::kFloat64 : DType::kFloat32});
    load_parameters(file, model);
    return model;
  } catch (const std::exception& e) {
    throw Error(fmt::format("{}: cannot build its model: {}", path_text(path), e.what()));
  }
}

void load_parameters(const TensorFile& file, const Model& model) {
  const std::vector<Parameter> parameters = model.parameters();
  const std::string wrong = misfit(file, parameters);
  if (!wrong.empty()) throw Error("the file's tensors are not the model's" + wrong);
  for (const Parameter& p : parameters) {
    const auto found = std::ranges::find(file.tensors, p.name, [](auto& t) { return t.first; });
    const std::span<char> bytes = bytes_of(found->second);
    std::copy(bytes.begin(), bytes.end(), static_cast<char*>(p.value));
  }
}

}  // namespace ravine
