#include "ravine/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "base/file.h"
#include "data/csv.h"
#include "data/field.h"
#include "data/idx.h"
#include "ravine/error.h"

namespace ravine {
namespace {

constexpr size_t kMostValues = 1000;     // different ones that are counted
constexpr size_t kMostRows = 1'000'000;  // different ones that are kept, in some 60 MB

// Rows by 128 bits of hash: of a billion rows no two different ones are likely to be taken as
// equal. Where there are more different ones than are kept, only those whose hash is a multiple of
// 2, 4, 8, ... are: a share of them that does not depend on how often or when they come.
class Seen {
 public:
  void add(std::string_view row) {
    const Hash key = hash(row);
    if (!is_kept(key)) return;
    const auto [at, is_new] = repeats_.try_emplace(key, 0);
    if (!is_new) ++at->second;
    while (repeats_.size() > kMostRows) thin();
  }
  // Looks for a row of another set.
  void look_for(std::string_view row) { found_ += repeats_.contains(hash(row)); }

  int64_t repeats() const {
    int64_t sum = 0;
    for (const auto& [key, count] : repeats_) sum += count;
    return sum * kept_every_;
  }
  int64_t found() const { return found_ * kept_every_; }
  bool estimated() const { return kept_every_ > 1; }

 private:
  using Hash = std::pair<uint64_t, uint64_t>;
  struct First {
    size_t operator()(const Hash& h) const { return size_t(h.first); }
  };
  static Hash hash(std::string_view row) {  // FNV-1a, and a second one of another offset and prime
    uint64_t a = 0xcbf29ce484222325, b = 0x9e3779b97f4a7c15;
    for (const char c : row) {
      a = (a ^ uint8_t(c)) * 0x100000001b3;
      b = (b + uint8_t(c)) * 0xff51afd7ed558ccd;
      b ^= b >> 29;
    }
    return {a, b};
  }

  bool is_kept(const Hash& key) const { return (key.second >> 40) % uint64_t(kept_every_) == 0; }
  void thin() {
    kept_every_ *= 2;
    std::erase_if(repeats_, [&](const auto& one) { return !is_kept(one.first); });
  }

  std::unordered_map<Hash, int64_t, First> repeats_;  // beyond the first
  int64_t found_ = 0, kept_every_ = 1;
};

// A running mean and deviation (Welford), and which values there are.
class Column {
 public:
  explicit Column(std::string name) { summary_.name = std::move(name); }

  void add(std::string_view field) {
    float number = 0;
    const FieldKind kind = read_field(field, number);
    if (kind == FieldKind::kMissing) return void(++summary_.missing);
    if (kind == FieldKind::kNumber) {
      add_number(number);
      if (!summary_.many) count(value_name(number), 1);
    } else {
      ++summary_.texts;
      if (!summary_.many) count(std::string(field), 1);
    }
  }

  void add_number(double x) {
    const double n = double(++summary_.numbers), difference = x - mean_;
    mean_ += difference / n;
    squares_ += difference * (x - mean_);
    low_ = std::min(low_, x), high_ = std::max(high_, x);
  }

  void count(const std::string& value, int64_t times) {
    counts_[value] += times;
    if (counts_.size() <= kMostValues) return;
    counts_.clear();
    summary_.many = true;
  }

  ColumnSummary summary() && {
    if (summary_.numbers > 0) {
      summary_.low = low_, summary_.high = high_, summary_.mean = mean_;
      summary_.deviation = std::sqrt(squares_ / double(summary_.numbers));
    }
    summary_.values.assign(counts_.begin(), counts_.end());
    std::ranges::sort(summary_.values,
                      [](const auto& a, const auto& b) { return value_less(a.first, b.first); });
    return std::move(summary_);
  }

 private:
  ColumnSummary summary_;
  double mean_ = 0, squares_ = 0, low_ = INFINITY, high_ = -INFINITY;
  std::unordered_map<std::string, int64_t> counts_;
};

// The fields by value and in the order of `columns`: "1.0" and "1" are equal.
std::string row_key(const CsvReader& reader, const std::vector<size_t>& columns) {
  std::string key;
  for (const size_t i : columns) {
    const std::string value = value_name(reader.fields()[i]);
    key += fmt::format("{}:", value.size()) + value;
  }
  return key;
}

// Where the columns of `reader` are in `test`.
std::vector<size_t> same_columns(const CsvReader& reader, const CsvReader& test) {
  std::vector<size_t> columns(reader.width());
  std::iota(columns.begin(), columns.end(), size_t{0});
  if (reader.has_header() && test.has_header()) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto found = std::ranges::find(test.names(), reader.names()[i]);
      if (found == test.names().end()) {
        throw Error(fmt::format("{}: row 1: expected a column '{}' as in {}", test.name(),
                                reader.names()[i], reader.name()));
      }
      columns[i] = size_t(found - test.names().begin());
    }
  } else if (test.width() != reader.width()) {
    throw Error(fmt::format("{}: row 1 has {} field{}; expected the {} of {}", test.name(),
                            test.width(), test.width() == 1 ? "" : "s", reader.width(),
                            reader.name()));
  }
  return columns;
}

// The bytes of example i: inputs, then the label or targets.
std::string example_key(const Dataset& data, uint32_t i) {
  Tensor x, y;
  data.gather(std::span(&i, 1), x, y);
  const auto inputs = x.values<float>();
  std::string key(reinterpret_cast<const char*>(inputs.data()), inputs.size_bytes());
  for (const double target : y.to_vector()) key += fmt::format(" {}", target);
  return key;
}

void tell(const Seen& seen, DataSummary& summary) {
  summary.duplicates = seen.repeats(), summary.overlap = seen.found();
  summary.estimated = seen.estimated();
}

}  // namespace

DataSummary describe_table(const std::filesystem::path& path, const TableOptions& options,
                           const std::filesystem::path& test) {
  const CsvOptions how{options.separator, options.header};
  CsvReader reader(path, how);
  DataSummary summary{.name = reader.name()};
  std::vector<Column> columns(reader.names().begin(), reader.names().end());
  std::vector<size_t> all(reader.width());
  std::iota(all.begin(), all.end(), size_t{0});
  Seen seen;
  for (; reader.next(); ++summary.examples) {
    for (size_t i = 0; i < columns.size(); ++i) columns[i].add(reader.fields()[i]);
    seen.add(row_key(reader, all));
  }
  if (!test.empty()) {
    CsvReader other(test, how);
    const std::vector<size_t> from = same_columns(reader, other);
    for (; other.next(); ++summary.test_examples) {
      seen.look_for(row_key(other, from));
    }
  }
  tell(seen, summary);
  for (Column& column : columns) summary.columns.push_back(std::move(column).summary());
  return summary;
}

DataSummary describe_data(const TrainTest& data) {
  const Dataset& train = data.train;
  DataSummary summary{.name = train.name,
                      .examples = int64_t(train.size()),
                      .test_examples = int64_t(data.test.size()),
                      .example = train.example()};
  Column inputs("inputs"), labels("label");
  std::vector<float> first;
  std::vector<bool> varies(size_t(train.example().size()));
  Seen seen;
  for (uint32_t i = 0; i < train.size(); ++i) {
    const std::string key = example_key(train, i);
    seen.add(key);
    std::vector<float> values(varies.size());
    std::memcpy(values.data(), key.data(), values.size() * sizeof(float));
    if (i == 0) first = values;
    for (size_t k = 0; k < values.size(); ++k) {
      inputs.add_number(values[k]);
      if (values[k] != first[k]) varies[k] = true;
    }
  }
  for (uint32_t i = 0; i < data.test.size(); ++i) {
    seen.look_for(example_key(data.test, i));
  }
  tell(seen, summary);
  summary.constant_inputs = std::ranges::count(varies, false);
  summary.columns.push_back(std::move(inputs).summary());
  if (train.classes() == 0) return summary;
  for (const int32_t label : train.labels()) {
    labels.count(
        train.class_names.empty() ? fmt::format("{}", label) : train.class_names[size_t(label)], 1);
  }
  summary.columns.push_back(std::move(labels).summary());
  return summary;
}

DataSummary describe_idx(const std::filesystem::path& path) {
  ByteReader bytes(path);
  const std::string name = path_text(path);
  const Shape shape = read_idx_header(bytes, name);
  const std::vector<int64_t> dims = shape.vector();
  DataSummary summary{
      .name = name, .examples = dims[0], .example = Shape(std::span(dims).subspan(1))};
  const size_t width = size_t(summary.example.size());
  Column values(width == 1 ? "label" : "inputs");
  std::vector<uint8_t> row(width), first;
  std::vector<bool> varies(width);
  Seen seen;
  for (int64_t i = 0; i < dims[0]; ++i) {
    read_idx_values(bytes, name, row);
    if (width > 1) seen.add({reinterpret_cast<char*>(row.data()), width});
    if (i == 0) first = row;
    for (size_t k = 0; k < width; ++k) {
      values.add_number(row[k]);
      if (row[k] != first[k]) varies[k] = true;
    }
    if (width == 1) values.count(fmt::format("{}", row[0]), 1);
  }
  tell(seen, summary);
  summary.constant_inputs = std::ranges::count(varies, false);
  summary.columns.push_back(std::move(values).summary());
  return summary;
}

}  // namespace ravine
