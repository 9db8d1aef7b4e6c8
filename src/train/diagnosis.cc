// diagnosis.json: one JSON object, a line for each of its members and each probe.
#include "ravine/diagnosis.h"

#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "ravine/error.h"
#include "train/layer_json.h"

namespace ravine {
namespace {

constexpr int kFormat = 1;

struct Field {
  const char* name;
  double LayerProbe::*value;
};
constexpr Field kFields[] = {{"gradient", &LayerProbe::gradient},
                             {"parameter", &LayerProbe::parameter},
                             {"update", &LayerProbe::update},
                             {"rate_low", &LayerProbe::rate_low},
                             {"rate", &LayerProbe::rate},
                             {"rate_high", &LayerProbe::rate_high},
                             {"eps", &LayerProbe::eps},
                             {"mean", &LayerProbe::mean},
                             {"deviation", &LayerProbe::deviation},
                             {"dead", &LayerProbe::dead},
                             {"saturated", &LayerProbe::saturated}};

// Six digits are plenty. What is not finite is no number of JSON.
std::string number_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
}

std::string probe_text(const Probe& probe) {
  std::string layers;
  for (const LayerProbe& layer : probe.layers) {
    std::string row;
    for (const Field& field : kFields) {
      row += (row.empty() ? "" : ",") + number_text(layer.*field.value);
    }
    layers += fmt::format("{}[{}]", layers.empty() ? "" : ",", row);
  }
  return fmt::format(R"({{"epoch":{},"step":{},"loss":{},"layers":[{}]}})", probe.epoch, probe.step,
                     number_text(probe.loss), layers);
}

// ---- reading: nothing in the file is trusted ----

Probe probe_of(const Json& json, const Json& fields, size_t layers) {
  Probe probe{json.at("epoch"), json.at("step"), json_number(json.at("loss")), {}};
  check_json(json.at("layers").size() == layers, "a probe has not the model's number of layers");
  for (const Json& row : json.at("layers")) {
    check_json(row.size() == fields.size(), "a layer has not as many numbers as there are fields");
    LayerProbe& layer = probe.layers.emplace_back();
    for (size_t i = 0; i < fields.size(); ++i) {
      for (const Field& field : kFields) {
        if (fields[i] == field.name) layer.*field.value = json_number(row[i]);
      }
    }
  }
  return probe;
}

Diagnosis diagnosis_of(const Json& json) {
  check_json(json.at("format") == kFormat, "its format is not 1, the one that this version reads");
  Diagnosis d{.every = json.at("every"), .examples = json.at("examples")};
  for (const Json& layer : json.at("layers")) d.layers.push_back(layer_of(layer));
  for (const Json& f : json.at("findings")) {
    d.findings.push_back({f.at("name"), f.at("evidence"), f.at("remedy"), f.at("source")});
  }
  for (const Json& p : json.at("probes")) {
    d.probes.push_back(probe_of(p, json.at("fields"), d.layers.size()));
  }
  return d;
}

}  // namespace

std::string diagnosis_json(const Diagnosis& d) {
  Json layers = Json::array(), findings = Json::array(), fields = Json::array();
  for (const LayerSummary& layer : d.layers) layers.push_back(json_of(layer));
  for (const Finding& f : d.findings) {
    findings.push_back(
        {{"name", f.name}, {"evidence", f.evidence}, {"remedy", f.remedy}, {"source", f.source}});
  }
  for (const Field& field : kFields) fields.push_back(field.name);
  std::string probes;
  for (const Probe& probe : d.probes) probes += (probes.empty() ? "\n" : ",\n") + probe_text(probe);
  return fmt::format(
      "{{\n\"format\": {},\n\"every\": {},\n\"examples\": {},\n\"layers\": {},\n\"findings\": {},\n"
      "\"fields\": {},\n\"probes\": [{}\n]\n}}\n",
      kFormat, d.every, d.examples, json_text(layers), json_text(findings), json_text(fields),
      probes);
}

Diagnosis parse_diagnosis(std::string_view json, const std::string& name) {
  const auto damaged = [&](const std::string& why) {
    return Error(
        fmt::format("{}: not the diagnosis of a run: {}; without this file `ravine "
                    "diagnose` measures anew",
                    name, why));
  };
  try {
    return diagnosis_of(parse_json(json));
  } catch (const Json::exception& e) {
    throw damaged(json_reason(e));
  } catch (const Error& e) {
    throw damaged(e.what());
  }
}

Diagnosis read_diagnosis(const std::filesystem::path& file) {
  return parse_diagnosis(read_file(file), path_text(file));
}

}  // namespace ravine
