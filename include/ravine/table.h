// Tables: CSV files as data sets of numbers, and how the next file becomes the same numbers.
//
//   TrainTest wine = read_csv("wine.csv", {.test = "0.2", .label = "quality"});
//   Model model("mlp", {.input = wine.train.example(), .outputs = wine.train.outputs()});
//   fit(model, wine.train, wine.test);
//   TrainTest more = read_csv("more.csv", *wine.preparation);  // the same columns, scaled alike
//   std::printf("mean absolute error %.3f\n", evaluate(model, more.train).mean_absolute_error);
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data.h"
#include "ravine/option.h"
#include "ravine/tensor.h"

namespace ravine {

// A column is named as in the header, or by its number from 1. Lists of columns have commas.
struct TableOptions {
  std::string test;   // a file of the same columns, or a share in (0, 1); empty: none
  std::string label;  // empty: the last column
  std::string task = "auto";
  std::string categorical;  // columns taken as categories though they hold numbers
  std::string ignore;       // columns left out
  std::string missing = "refuse";
  std::string scale = "standard";
  std::string separator = "auto";
  std::string header = "auto";
  // A regression's target is a share: refused outside of [0, 1], and not scaled. No option: what
  // the loss binary_cross_entropy needs.
  bool target_is_share = false;

  template <class F>
  void options(F f) {
    f(Option{"test", "table: test examples, a FILE of the same columns or a share in (0, 1)"},
      test);
    f(Option{"label",
             "table: what to predict, a column's name or number from 1; the last one if "
             "not given"},
      label);
    f(Option{"task",
             "table: auto, classification or regression; auto: classes for texts and for at most "
             "20 different whole numbers",
             kAny, "auto|classification|regression"},
      task);
    f(Option{"categorical", "table: columns of numbers to take as categories, with commas between"},
      categorical);
    f(Option{"ignore", "table: columns to leave out, with commas between"}, ignore);
    f(Option{"missing",
             "table: what to do about an empty field, NA, NaN or ?: refuse, mean (of the training "
             "rows) or drop (the row)",
             kAny, "refuse|mean|drop"},
      missing);
    f(Option{"scale",
             "table: numbers are scaled by the training rows to mean 0 and deviation 1 (standard), "
             "to [0, 1] (minmax), or not (none)",
             kAny, "standard|minmax|none"},
      scale);
    f(Option{"separator", "table: auto, comma, semicolon, tab, space or the character itself"},
      separator);
    f(Option{"header", "table: auto, yes or no: whether the first row names the columns", kAny,
             "auto|yes|no"},
      header);
  }
};

// What a model takes of one column of a file.
struct PreparedColumn {
  enum class Use { kNumber, kCategory, kLabel, kIgnored };
  std::string name;  // "" without a header
  Use use = Use::kNumber;
  // A number x becomes (x - offset) / scale; so do the targets of a regression.
  double offset = 0, scale = 1;
  // Categories, each of which becomes 0 or 1, or the classes of the label; numbers first by size,
  // then texts by bytes.
  std::vector<std::string> values;
  // Over the training rows: of the number, or the share of each category. Stands in for a missing
  // value.
  std::vector<double> mean;
};

// How a row of a file becomes the inputs of a model: fitted on training rows, kept with the run.
struct Preparation {
  std::vector<PreparedColumn> columns;  // of the file, in its order
  std::string missing = "refuse";       // as in TableOptions

  int64_t inputs() const;  // width of one example
  const PreparedColumn& label() const;
  bool regression() const { return label().values.empty(); }
};

// As JSON, which is what a run's preparation.json holds; and back. `name` begins the messages.
// Throws Error: text that is not UTF-8; what is not a preparation.
std::string preparation_json(const Preparation& preparation);
Preparation parse_preparation(std::string_view json, const std::string& name);

// Reads a table for training: fits its preparation on the training rows and applies it. The file is
// plain or gzip. Rows are counted as lines of the file, columns from 1. `seed` chooses the rows of
// a test share. Throws UsageError on wrong options, Error on a file that is missing, damaged, or
// holds what cannot be used, with row and column.
TrainTest read_csv(const std::filesystem::path& path, const TableOptions& options = {},
                   uint64_t seed = 0);

// Reads another table of the same columns: found by name where both files have a header, else by
// place. Of `options` test, separator and header hold: a test share with the seed of the training
// gives the same rows.
// Throws Error as above, also when the label is missing, and on a category or class that the
// preparation does not know; with its missing = "mean" such a category is a missing value.
TrainTest read_csv(const std::filesystem::path& path, const Preparation& preparation,
                   const TableOptions& options = {}, uint64_t seed = 0);

// The examples of a file, some at a time, in memory that does not grow with the file: a table (with
// or without its label, or with further columns), or with no preparation an IDX file of images.
//   ExampleStream stream("new.csv", wine.preparation);
//   for (Tensor x; (x = stream.next(1000)).defined();) predictions.push_back(model.predict(x));
class ExampleStream {
 public:
  ExampleStream(const std::filesystem::path& path, std::shared_ptr<const Preparation> preparation,
                const TableOptions& options = {});
  ~ExampleStream();
  ExampleStream(ExampleStream&&) noexcept;
  ExampleStream& operator=(ExampleStream&&) noexcept;

  // Up to `count` examples [n, inputs...]; undefined at the end of the file.
  Tensor next(int64_t count);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

// Whether a file, plain or gzip, begins as IDX does. Throws Error if it cannot be read.
bool is_idx(const std::filesystem::path& path);

}  // namespace ravine
