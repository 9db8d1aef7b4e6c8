// Tables as data sets.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/preparation.h"
#include "data/prepared.h"
#include "data/split.h"
#include "ravine/error.h"
#include "ravine/random.h"
#include "ravine/runtime.h"
#include "ravine/table.h"

namespace ravine {
namespace {

constexpr uint64_t kTestStream = 0x7e57;

// "0.2" or "20%"? A share is a number; what is not is a file.
bool is_share(const std::string& test) { return parse_double(test).has_value(); }

void tell_dropped(const std::string& name, int64_t dropped) {
  if (dropped == 0) return;
  warn(fmt::format("{}: {} row{} with missing values left out", name, dropped,
                   dropped == 1 ? "" : "s"));
}

// Examples that are encoded one by one into their place.
class Examples {
 public:
  Examples(const std::string& name, const Preparation& preparation, size_t rows)
      : preparation_(preparation), name_(name) {
    const double bytes = double(rows) * double(preparation.inputs()) * sizeof(float);
    if (bytes > available_memory()) {
      throw Error(
          fmt::format("{}: {} rows of {} inputs need {:.0f} bytes, and {:.0f} are "
                      "available; leave columns out with --ignore",
                      name, rows, preparation.inputs(), bytes, available_memory()));
    }
    inputs_ = Tensor::empty({int64_t(rows), preparation.inputs()});
    labels_.resize(rows);
  }

  float* inputs(size_t i) {
    return inputs_.values<float>().data() + i * size_t(preparation_.inputs());
  }
  float& label(size_t i) { return labels_[i]; }

  Dataset dataset() const {
    const PreparedColumn& label = preparation_.label();
    const auto& classes = label.values;
    Dataset data;
    if (preparation_.regression()) {
      data = Dataset::table(inputs_, Tensor::from(labels_, {int64_t(labels_.size()), 1}));
    } else {
      data = Dataset::table(inputs_, {labels_.begin(), labels_.end()}, int64_t(classes.size()));
    }
    data.name = std::filesystem::path(name_).filename().string();
    data.class_names = classes;
    data.label_name = label.name;
    if (preparation_.regression()) {
      data.target_offset = label.offset, data.target_scale = label.scale;
    }
    return data;
  }

 private:
  const Preparation& preparation_;
  std::string name_;
  Tensor inputs_;
  std::vector<float> labels_;
};

SplitRows choose_rows(const std::string& name, size_t count, const std::string& test,
                      uint64_t seed) {
  if (is_share(test)) {
    try {
      return split_rows(count, *parse_double(test), derive_seed(seed, kTestStream));
    } catch (const UsageError&) {
      throw UsageError(fmt::format(
          "test: a share must be in (0, 1) and leave a row on both sides, got {} of the {} in {}",
          test, count == 1 ? "one row" : fmt::format("{} rows", count), name));
    }
  }
  SplitRows all{std::vector<uint32_t>(count), {}};
  std::iota(all.rest.begin(), all.rest.end(), 0u);
  return all;
}

// All rows of a file that the preparation was not fitted on.
Dataset read_all(const std::filesystem::path& path, const Preparation& preparation,
                 const TableOptions& options) {
  PreparedRows rows(path, preparation, options, true);
  Cells cells(size_t(preparation.inputs()) + 1);  // the label behind the inputs
  for (std::vector<float> row(cells.width()); rows.next(row.data(), &row.back());) {
    std::ranges::copy(row, cells.add());
  }
  tell_dropped(rows.name(), rows.dropped());
  if (cells.rows() == 0) throw Error(fmt::format("{}: expected rows, found none", rows.name()));
  Examples examples(rows.name(), preparation, cells.rows());
  cells.consume([&](size_t i, const float* row) {
    examples.label(i) = row[cells.width() - 1];
    std::copy_n(row, cells.width() - 1, examples.inputs(i));
  });
  return examples.dataset();
}

TrainTest divided(const Dataset& all, const SplitRows& rows, const TableOptions& options,
                  const std::shared_ptr<const Preparation>& preparation) {
  if (!rows.held_out.empty()) {
    return {all.select(rows.rest), all.select(rows.held_out), preparation};
  }
  Dataset test;
  if (!options.test.empty()) test = read_all(options.test, *preparation, options);
  return {all, test, preparation};
}

}  // namespace

TrainTest read_csv(const std::filesystem::path& path, const TableOptions& asked, uint64_t seed) {
  TableOptions options = asked;
  check_options("table", list_options(options));
  RawTable table = read_table(path, options);
  tell_dropped(table.name, table.dropped);
  const SplitRows rows = choose_rows(table.name, table.cells.rows(), options.test, seed);
  const auto preparation =
      std::make_shared<const Preparation>(fit_preparation(table, options, rows.rest));
  Examples examples(table.name, *preparation, table.cells.rows());
  table.cells.consume([&](size_t i, const float* cells) {
    examples.label(i) = encode(*preparation, cells, examples.inputs(i));
  });
  return divided(examples.dataset(), rows, options, preparation);
}

TrainTest read_csv(const std::filesystem::path& path, const Preparation& preparation,
                   const TableOptions& options, uint64_t seed) {
  const Dataset all = read_all(path, preparation, options);
  return divided(all, choose_rows(path_text(path), all.size(), options.test, seed), options,
                 std::make_shared<const Preparation>(preparation));
}

}  // namespace ravine
