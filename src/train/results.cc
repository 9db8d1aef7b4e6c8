// results.json: one JSON object, a line for each of its members.
#include "train/results.h"

#include <fmt/format.h>

#include <cmath>

#include "base/base64.h"
#include "base/file.h"
#include "base/json.h"
#include "ravine/error.h"
#include "train/layer_json.h"

namespace ravine {
namespace {

constexpr int kFormat = 1;

Json json_of(const RunningLoss::Point& p) { return {p.step, p.mean, p.low, p.high}; }

Json json_of(const Mistake& m) {
  Json json = {{"example", m.example},
               {"label", m.label},
               {"predicted", m.predicted},
               {"score", m.score},
               {"label_score", m.label_score}};
  if (!m.pixels.empty()) json["pixels"] = base64(m.pixels);
  return json;
}

Json json_of(const Residual& r) { return {r.example, r.output, r.target, r.prediction}; }

template <class T>
Json list_of(const std::vector<T>& all) {
  Json list = Json::array();
  for (const T& one : all) list.push_back(json_of(one));
  return list;
}

Json json_of(const Examined& examined) {
  return {{"set", examined.set},
          {"examples", examined.examples},
          {"confusion", examined.confusion},
          {"image", examined.image},
          {"mistakes", list_of(examined.mistakes)},
          {"sample", list_of(examined.sample)},
          {"worst", list_of(examined.worst)}};
}

// ---- reading: nothing in the file is trusted ----

RunningLoss running_loss_of(const Json& json) {
  RunningLoss loss{.batches = json.at("batches"), .points = {}};
  for (const Json& p : json.at("points")) {
    loss.points.push_back(
        {p.at(0), json_number(p.at(1)), json_number(p.at(2)), json_number(p.at(3))});
  }
  return loss;
}

Mistake mistake_of(const Json& json) {
  Mistake m{json.at("example"), json.at("label"), json.at("predicted"),
            json_number(json.at("score")), json_number(json.at("label_score"))};
  if (json.contains("pixels")) m.pixels = from_base64(json.at("pixels").get<std::string>());
  return m;
}

std::vector<Residual> residuals_of(const Json& json) {
  std::vector<Residual> list;
  for (const Json& r : json)
    list.push_back({r.at(0), r.at(1), json_number(r.at(2)), json_number(r.at(3))});
  return list;
}

Examined examined_of(const Json& json) {
  Examined examined;
  examined.set = json.at("set");
  examined.examples = json.at("examples");
  json.at("confusion").get_to(examined.confusion);
  json.at("image").get_to(examined.image);
  for (const Json& mistake : json.at("mistakes")) examined.mistakes.push_back(mistake_of(mistake));
  examined.sample = residuals_of(json.at("sample"));
  examined.worst = residuals_of(json.at("worst"));
  return examined;
}

// Sizes and class numbers that agree with each other, so that readers need not look again.
void check_examined(const Examined& examined, size_t classes) {
  const auto is_class = [&](int64_t k) { return k >= 0 && size_t(k) < classes; };
  for (const auto& [label, predicted, count] : examined.confusion) {
    check_json(is_class(label) && is_class(predicted) && count > 0, "confusion has no such class");
  }
  const auto& image = examined.image;
  const bool drawn = !image.empty();
  check_json(!drawn || (image.size() == 2 && image[0] > 0 && image[1] > 0 && image[0] <= 4096 &&
                        image[1] <= 4096),
             "image must be rows and columns");
  for (const Mistake& m : examined.mistakes) {
    check_json(is_class(m.label) && is_class(m.predicted), "a mistake has no class");
    check_json(m.pixels.size() == (drawn ? size_t(image[0] * image[1]) : 0),
               "a mistake has not the image's number of pixels");
  }
}

Results results_of(const Json& json) {
  check_json(json.at("format") == kFormat, "its format is not 1, the one that this version reads");
  Results results;
  results.version = json.at("ravine"), results.isa = json.at("isa");
  const Json& data = json.at("data");
  results.data = data.at("name");
  results.train = data.at("train"), results.validation = data.at("validation");
  results.test = data.at("test");
  results.label = data.value("label", ""), results.target_scale = data.value("target_scale", 1.0);
  data.at("classes").get_to(results.classes);
  const Json& network = json.at("network");
  network.at("input").get_to(results.input);
  for (const Json& layer : network.at("layers")) results.layers.push_back(layer_of(layer));
  results.ended = json.at("ended"), results.error = json.at("error");
  results.skipped = json.at("skipped");
  results.running_loss = running_loss_of(json.at("running_loss"));
  results.examined = examined_of(json.at("examined"));
  check_examined(results.examined, results.classes.size());
  return results;
}

}  // namespace

std::string results_json(const Results& results) {
  const Json json = {{"format", kFormat},
                     {"ravine", results.version},
                     {"isa", results.isa},
                     {"data",
                      {{"name", results.data},
                       {"train", results.train},
                       {"validation", results.validation},
                       {"test", results.test},
                       {"label", results.label},
                       {"target_scale", results.target_scale},
                       {"classes", results.classes}}},
                     {"network", {{"input", results.input}, {"layers", list_of(results.layers)}}},
                     {"ended", results.ended},
                     {"error", results.error},
                     {"skipped", results.skipped},
                     {"running_loss",
                      {{"batches", results.running_loss.batches},
                       {"points", list_of(results.running_loss.points)}}},
                     {"examined", json_of(results.examined)}};
  return json_lines(json);
}

Results read_results(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  const auto damaged = [&](const std::string& why) {
    return Error(
        fmt::format("{}: not the results of a run: {}; train the run again from its "
                    "config.toml",
                    path_text(path), why));
  };
  try {
    return results_of(parse_json(text));
  } catch (const Json::exception& e) {
    throw damaged(json_reason(e));
  } catch (const Error& e) {
    throw damaged(e.what());
  }
}

}  // namespace ravine
