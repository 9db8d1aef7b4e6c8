#include "lab/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "ravine/error.h"

namespace ravine::lab {
namespace {

constexpr int kFormat = 1;

Json json_of(const Scores& s) {
  return {s.loss, s.accuracy, s.mean_squared_error, s.mean_absolute_error};
}

Scores scores_of(const Json& json) {
  return {json_number(json.at(0)), json_number(json.at(1)), json_number(json.at(2)),
          json_number(json.at(3))};
}

Json json_of(const EpochRecord& e) {
  return {e.epoch, e.step, e.seconds, e.lr, json_of(e.train), json_of(e.validation)};
}

EpochRecord epoch_of(const Json& json) {
  return {.epoch = json.at(0),
          .step = json.at(1),
          .seconds = json_number(json.at(2)),
          .lr = json_number(json.at(3)),
          .train = scores_of(json.at(4)),
          .validation = scores_of(json.at(5)),
          .test = {}};
}

// Reads a file by `read(json)`; what is wrong with it becomes one error.
template <class F>
auto parse(const std::filesystem::path& path, const char* what, const F& read) {
  const std::string text = read_file(path);
  try {
    const Json json = parse_json(text);
    if (json.at("format") != kFormat) throw Error("its format is not 1");
    return read(json);
  } catch (const std::exception&) {
    throw Error(fmt::format("{}: {}", path_text(path), what));
  }
}

}  // namespace

std::string plan_json(const Plan& plan) {
  Json json = {{"format", kFormat}};
  for (const Setting& s : plan) json[s.name] = s.text;
  return json_lines(json);
}

Plan read_plan(const std::filesystem::path& path) {
  constexpr const char* kWhat =
      "this is not the plan of a study of this version; choose another folder";
  return parse(path, kWhat, [](const Json& json) {
    Plan plan;
    for (const auto& [name, value] : json.items()) {
      if (name != "format") plan.push_back({name, value.get<std::string>()});
    }
    return plan;
  });
}

// FNV-1a of 64 bits: it tells apart what is not made to deceive.
std::string digest(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ uint8_t(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

namespace {

// By words of eight bytes: the pixels of MNIST are many.
template <class T>
uint64_t mixed(uint64_t hash, std::span<const T> values) {
  const std::span bytes = std::as_bytes(values);
  for (size_t at = 0; at < bytes.size(); at += sizeof(hash)) {
    uint64_t word = 0;
    std::memcpy(&word, &bytes[at], std::min(sizeof(word), bytes.size() - at));
    hash = (std::rotl(hash, 23) ^ word) * 0x9E3779B97F4A7C15;
  }
  return hash;
}

uint64_t mixed(uint64_t hash, const Dataset& data) {
  constexpr size_t kExamples = 512;
  std::vector<uint32_t> indices;
  Tensor x, y;
  for (size_t at = 0; at < data.size(); at += kExamples) {
    indices.resize(std::min(kExamples, data.size() - at));
    std::iota(indices.begin(), indices.end(), uint32_t(at));
    data.gather(indices, x, y);
    hash = mixed<float>(hash, x.values<float>());
    hash = data.classes() > 0 ? mixed<int32_t>(hash, y.values<int32_t>())
                              : mixed<float>(hash, y.values<float>());
  }
  for (const std::string& name : data.class_names) hash = mixed<char>(hash, name);
  return hash;
}

}  // namespace

std::string digest(const TrainTest& data) {
  return fmt::format("{:016x}", mixed(mixed(data.train.size(), data.train), data.test));
}

std::string digest(const PlannedRun& run) {
  TrainConfig config = run.config;
  std::string text = run.name + (run.test ? " test" : "");
  for (const OptionRef& option : list_options(config)) text += '\n' + value_text(option);
  return digest(text);
}

std::string run_json(const StudyRun& run, const PlannedRun& planned) {
  TrainConfig config = run.config;
  Json options = Json::object(), epochs = Json::array();
  for (const OptionRef& option : list_options(config)) {
    options[option.option.name] = value_text(option);
  }
  for (const EpochRecord& epoch : run.epochs) epochs.push_back(json_of(epoch));
  return json_lines({{"format", kFormat},
                     {"name", run.name},
                     {"planned", digest(planned)},
                     {"config", options},
                     {"ended", run.ended},
                     {"error", run.error},
                     {"epochs", epochs},
                     {"test", json_of(run.test)}});
}

StudyRun read_run(const std::filesystem::path& path, const PlannedRun& planned) {
  constexpr const char* kWhat =
      "this is not this study's finished run of that name; remove the file, and it is run anew";
  return parse(path, kWhat, [&](const Json& json) {
    if (json.at("planned") != digest(planned)) throw Error("of another study");
    StudyRun run{.name = json.at("name"), .what = planned.what, .config = {}, .epochs = {}};
    const std::vector<OptionRef> options = list_options(run.config);
    for (const auto& [name, value] : json.at("config").items()) {
      set_option("train", options, name, value.get<std::string>());
    }
    for (const Json& epoch : json.at("epochs")) run.epochs.push_back(epoch_of(epoch));
    run.ended = json.at("ended"), run.error = json.at("error");
    run.test = scores_of(json.at("test"));
    return run;
  });
}

}  // namespace ravine::lab
