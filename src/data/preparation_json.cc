// A preparation as JSON.
#include <fmt/format.h>

#include <cmath>

#include "base/json.h"
#include "data/field.h"
#include "ravine/error.h"
#include "ravine/table.h"

namespace ravine {
namespace {

using Use = PreparedColumn::Use;

constexpr std::pair<Use, const char*> kUses[] = {{Use::kNumber, "number"},
                                                 {Use::kCategory, "category"},
                                                 {Use::kLabel, "label"},
                                                 {Use::kIgnored, "ignored"}};

bool is_scaled(const PreparedColumn& column) {
  return column.use == Use::kNumber || (column.use == Use::kLabel && column.values.empty());
}

Json to_json(const PreparedColumn& column) {
  Json json = Json::object();
  json["name"] = column.name;
  for (const auto& [use, name] : kUses) {
    if (use == column.use) json["use"] = name;
  }
  if (is_scaled(column)) json["offset"] = column.offset, json["scale"] = column.scale;
  if (!column.values.empty()) json["values"] = column.values;
  if (!column.mean.empty()) json["mean"] = column.mean;
  return json;
}

Use use_of(const std::string& text) {
  for (const auto& [use, name] : kUses) {
    if (text == name) return use;
  }
  throw Error(fmt::format("no column is used as '{}'", text));
}

// As large as encode() takes it to be, and finite.
void check(const PreparedColumn& column) {
  const bool numbers = std::isfinite(column.offset) && std::isfinite(column.scale) &&
                       column.scale > 0 &&
                       std::ranges::all_of(column.mean, [](double x) { return std::isfinite(x); });
  const size_t means = column.use == Use::kNumber     ? 1
                       : column.use == Use::kCategory ? column.values.size()
                                                      : column.mean.size();
  if (!numbers || column.mean.size() != means || (column.use == Use::kCategory && means == 0)) {
    throw Error(fmt::format("the numbers of column '{}' do not fit", column.name));
  }
}

PreparedColumn column_from(const Json& json) {
  PreparedColumn column{.name = json.at("name").get<std::string>(),
                        .use = use_of(json.at("use").get<std::string>())};
  column.offset = json.value("offset", 0.0);
  column.scale = json.value("scale", 1.0);
  column.values = json.value("values", std::vector<std::string>());
  column.mean = json.value("mean", std::vector<double>());
  check(column);
  return column;
}

}  // namespace

// A column a line, so that a person can read and compare it.
std::string preparation_json(const Preparation& preparation) {
  std::string text = fmt::format("{{\n\"missing\": {},\n\"columns\": [",
                                 json_text(preparation.missing, NotUtf8::kThrows));
  for (const PreparedColumn& column : preparation.columns) {
    text += fmt::format("{}\n  {}", &column == preparation.columns.data() ? "" : ",",
                        json_text(to_json(column), NotUtf8::kThrows));
  }
  return text + "\n]\n}\n";
}

Preparation parse_preparation(std::string_view json, const std::string& name) {
  try {
    const Json whole = parse_json(json);
    Preparation preparation{.missing = whole.at("missing").get<std::string>()};
    size_t labels = 0;
    for (const Json& column : whole.at("columns")) {
      preparation.columns.push_back(column_from(column));
      labels += preparation.columns.back().use == Use::kLabel;
    }
    if (labels != 1) throw Error(fmt::format("{} columns are the label", labels));
    return preparation;
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: not a preparation: {}", name, error.what()));
  }
}

}  // namespace ravine
