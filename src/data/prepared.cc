#include "data/prepared.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "data/field.h"
#include "data/preparation.h"
#include "ravine/error.h"

namespace ravine {
namespace {

using Use = PreparedColumn::Use;

constexpr size_t kMostListed = 8;

bool is_needed(const PreparedColumn& column, bool labels) {
  return column.use == Use::kNumber || column.use == Use::kCategory ||
         (column.use == Use::kLabel && labels);
}

std::string listed(const std::vector<std::string>& values) {
  const size_t count = std::min(values.size(), kMostListed);
  const std::vector<std::string> first(values.begin(), values.begin() + ptrdiff_t(count));
  return join(first, ", ") + (count < values.size() ? ", ..." : "");
}

std::vector<std::string> names_of(const Preparation& preparation) {
  std::vector<std::string> names;
  for (const PreparedColumn& column : preparation.columns) names.push_back(column.name);
  return names;
}

}  // namespace

PreparedRows::PreparedRows(const std::filesystem::path& path, const Preparation& preparation,
                           const TableOptions& options, bool labels)
    : preparation_(preparation),
      reader_(path, {options.separator, options.header, names_of(preparation)}),
      labels_(labels),
      from_(preparation.columns.size()),
      codes_(preparation.columns.size()) {
  const bool named = reader_.has_header() &&
                     std::ranges::any_of(preparation.columns,
                                         [](const PreparedColumn& c) { return !c.name.empty(); });
  if (named)
    find_by_name();
  else
    find_by_place(labels);
  for (size_t k = 0; k < codes_.size(); ++k) {
    const std::vector<std::string>& values = preparation.columns[k].values;
    for (size_t i = 0; i < values.size(); ++i) codes_[k][values[i]] = float(i);
  }
}

void PreparedRows::find_by_name() {
  for (size_t k = 0; k < from_.size(); ++k) {
    const PreparedColumn& column = preparation_.columns[k];
    const auto& names = reader_.names();
    if (std::ranges::count(names, column.name) == 1) {
      from_[k] = size_t(std::ranges::find(names, column.name) - names.begin());
    } else if (is_needed(column, labels_)) {
      throw Error(fmt::format("{}: row 1: expected {} column '{}', as in training{}",
                              reader_.name(),
                              std::ranges::count(names, column.name) == 0 ? "a" : "one",
                              column.name, suggestion(column.name, names)));
    }
  }
}

// All the columns of training in their order, or all but the label.
void PreparedRows::find_by_place(bool labels) {
  const size_t all = from_.size(), width = reader_.width();
  const bool without_label = !labels && width + 1 == all;
  if (width != all && !without_label) {
    throw Error(fmt::format(
        "{}: row 1 has {} field{}, separated by {}; expected the {} columns of "
        "training{}",
        reader_.name(), width, width == 1 ? "" : "s", separator_text(reader_.separator()), all,
        labels ? "" : fmt::format(", or {} without the label", all - 1)));
  }
  size_t place = 0;
  for (size_t k = 0; k < all; ++k) {
    if (without_label && preparation_.columns[k].use == Use::kLabel) continue;
    from_[k] = place++;
  }
}

bool PreparedRows::next(float* inputs, float* label) {
  do {
    if (!reader_.next()) return false;
  } while (!read_cells());
  const float y = encode(preparation_, cells_.data(), inputs);
  if (label != nullptr) *label = y;
  return true;
}

bool PreparedRows::read_cells() {
  float number;
  cells_.clear();
  for (size_t k = 0; k < from_.size(); ++k) {
    const PreparedColumn& column = preparation_.columns[k];
    if (column.use == Use::kIgnored) continue;
    if (!is_needed(column, labels_)) {
      cells_.push_back(0);
      continue;
    }
    if (labels_ && preparation_.missing == "drop" &&
        read_field(reader_.fields()[*from_[k]], number) == FieldKind::kMissing) {
      ++dropped_;
      return false;
    }
    cells_.push_back(cell(column, k));
  }
  return true;
}

float PreparedRows::cell(const PreparedColumn& column, size_t k) const {
  const size_t from = *from_[k];
  const std::string_view field = reader_.fields()[from];
  float number;
  const FieldKind kind = read_field(field, number);
  if (kind == FieldKind::kMissing) return missing(column, from, field);
  if (column.values.empty()) {
    if (kind == FieldKind::kNumber) return number;
    throw Error(fmt::format("{}: '{}' is {}, as the column had in training", reader_.place(from),
                            field,
                            kind == FieldKind::kText ? "a text; expected a number"
                                                     : "infinite; expected a finite number"));
  }
  const auto& codes = codes_[k];
  auto found = codes.find(field);
  if (found == codes.end()) found = codes.find(value_name(field));
  return found != codes.end() ? found->second : missing(column, from, field);
}

// NaN, or why it cannot be.
float PreparedRows::missing(const PreparedColumn& column, size_t from,
                            std::string_view field) const {
  const bool label = column.use == Use::kLabel;
  if (!label && preparation_.missing == "mean") return std::numeric_limits<float>::quiet_NaN();
  float number;
  if (read_field(field, number) == FieldKind::kMissing) {
    throw Error(fmt::format(
        "{}: the value is missing; {}", reader_.place(from),
        label ? "a label is needed to measure" : "fill it in, or choose --missing mean"));
  }
  throw Error(fmt::format("{}: '{}' is a {} that the training data did not have ({}){}",
                          reader_.place(from), field, label ? "class" : "category",
                          listed(column.values),
                          label ? "" : "; --missing mean takes it as missing"));
}

}  // namespace ravine
