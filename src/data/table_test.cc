#include "ravine/table.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "data/testing.h"
#include "ravine/random.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

using Values = std::vector<double>;

class TableTest : public FolderTest {
 protected:
  TrainTest read(const std::string& text, const TableOptions& options = {}, uint64_t seed = 0) {
    write_file(path_, text);
    return read_csv(path_, options, seed);
  }
  void expect_refused(const std::string& text, const TableOptions& options,
                      const std::string& part) {
    const std::string error = error_of([&] { read(text, options); });
    EXPECT_NE(error.find(part), error.npos) << '"' << part << "\" is not in: " << error;
    EXPECT_EQ(error.find('\n'), error.npos);
  }
  const std::filesystem::path path_ = folder_ / "t.csv";
};

Tensor inputs_of(const Dataset& data) {
  std::vector<uint32_t> all(data.size());
  std::iota(all.begin(), all.end(), 0u);
  Tensor x, y;
  data.gather(all, x, y);
  return x;
}

Values targets_of(const Dataset& data) {
  std::vector<uint32_t> all(data.size());
  std::iota(all.begin(), all.end(), 0u);
  Tensor x, y;
  data.gather(all, x, y);
  return y.to_vector();
}

TEST_F(TableTest, NumbersCategoriesAndClasses) {
  const TrainTest data = read("size,colour,kind\n1,red,b\n3,blue,a\n5,red,b\n", {.scale = "none"});
  EXPECT_EQ(data.train.size(), 3u);
  EXPECT_EQ(data.train.example(), Shape({3}));
  EXPECT_EQ(data.train.class_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(data.train.labels(), (std::vector<int32_t>{1, 0, 1}));
  EXPECT_EQ(inputs_of(data.train).to_vector(), (Values{1, 0, 1, 3, 1, 0, 5, 0, 1}));
  EXPECT_EQ(data.train.name, "t.csv");
}

TEST_F(TableTest, TheTaskIsInferredAndCanBeSaid) {
  const std::string few = "x,y\n1,2\n2,10\n3,2\n4,10\n", many = "x,y\n1,2\n2,3\n3,4\n4,5\n";
  EXPECT_EQ(read(few).train.class_names, (std::vector<std::string>{"2", "10"}));
  EXPECT_EQ(read(few, {.task = "regression"}).train.classes(), 0);
  EXPECT_EQ(read(many).train.classes(), 0);  // as many numbers as rows
  EXPECT_EQ(read(many, {.task = "classification"}).train.classes(), 4);
  EXPECT_EQ(read("x,y\n1,.5\n2,1\n3,.5\n4,1\n").train.classes(), 0);
  std::string wide = "x,y\n";
  for (int i = 0; i < 84; ++i) wide += fmt::format("1,{}\n", i % 21);
  EXPECT_EQ(read(wide).train.classes(), 0);
  expect_refused("x,y\n1,a\n2,b\n", {.task = "regression"}, "row 2, column 2 ('y'): 'a' is not a");
}

TEST_F(TableTest, TheLabelIsTheLastColumnOrTheOneThatIsNamed) {
  const std::string text = "a,b,c\n1,5,9\n2,6,8\n3,7,7.5\n";
  EXPECT_EQ(targets_of(read(text, {.scale = "none"}).train), (Values{9, 8, 7.5}));
  EXPECT_EQ(targets_of(read(text, {.label = "b", .scale = "none"}).train), (Values{5, 6, 7}));
  EXPECT_EQ(targets_of(read(text, {.label = "1", .scale = "none"}).train), (Values{1, 2, 3}));
  expect_refused(text, {.label = "bb"}, "label: no column 'bb' in");
  expect_refused(text, {.label = "4"}, "which has 3");
  expect_refused(text, {.label = "0"}, "no column '0'");
  expect_refused("a,a,c\n1,2,3\n", {.label = "a"}, "columns 1 and 2 of");
  expect_refused(text, {.label = "c", .ignore = "c"}, "ignore: column 3 ('c') is the label");
  expect_refused(text, {.categorical = "c"}, "categorical: column 3 ('c') is the label");
  expect_refused(text, {.ignore = "a,b"}, "no column to learn from");
}

TEST_F(TableTest, ScalesByTheTrainingRowsAlone) {
  const std::string text = "x,y\n0,1\n2,3\n4,5\n10,7.5\n";
  for (const auto& [scale, offset, unit] : std::vector<std::tuple<const char*, double, double>>{
           {"standard", 2, std::sqrt(8.0 / 3)}, {"minmax", 0, 4}, {"none", 0, 1}}) {
    write_file(folder_ / "test.csv", "y,x\n7,100\n");
    const TrainTest data =
        read("x,y\n0,1\n2,3\n4,5.5\n", {.test = (folder_ / "test.csv").string(), .scale = scale});
    const Values x = inputs_of(data.train).to_vector();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(x[size_t(i)], float((2 * i - offset) / unit)) << scale;
    EXPECT_EQ(inputs_of(data.test).to_vector()[0], float((100 - offset) / unit));
    EXPECT_EQ(data.test.size(), 1u);
  }
  // A share is held out before anything is measured.
  const TrainTest data = read(text, {.test = "0.25"}, 3);
  ASSERT_EQ(data.train.size(), 3u);
  ASSERT_EQ(data.test.size(), 1u);
  const Values x = inputs_of(data.train).to_vector();
  EXPECT_NEAR(x[0] + x[1] + x[2], 0, 1e-6);
  EXPECT_NEAR(x[0] * x[0] + x[1] * x[1] + x[2] * x[2], 3, 1e-5);
}

TEST_F(TableTest, AColumnThatIsConstantBecomesZero) {
  const TrainTest data = read("x,c,y\n1,0.1,1\n2,0.1,2.5\n3,0.1,3\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(inputs_of(data.train).to_vector()[size_t(2 * i + 1)], 0);
}

TEST_F(TableTest, MissingValuesAreRefusedFilledOrDropped) {
  const std::string text = "x,c,y\n1,a,1\n,b,2.5\n3,?,3\n5,a,NA\n";
  expect_refused(text, {},
                 "3 values are missing, the first in row 3 (1 in column 1 ('x'), 1 in column 2");
  expect_refused(text, {.missing = "mean"}, "1 value is missing, the first in row 5");
  const TrainTest dropped = read(text, {.missing = "drop", .scale = "none"});
  EXPECT_EQ(dropped.train.size(), 1u);
  const TrainTest filled =
      read("x,c,y\n1,a,1\n,b,2.5\n3,?,3\n", {.missing = "mean", .scale = "none"});
  EXPECT_EQ(inputs_of(filled.train).to_vector(), (Values{1, 1, 0, 2, 0, 1, 3, 0.5, 0.5}));
  expect_refused("x,y\n,1\n,2.5\n", {.missing = "mean"}, "column 1 ('x') has no value in any row");
  expect_refused("x,y\n,1\n1,\n", {.missing = "drop"}, "each of the 2 rows has a missing value");
}

TEST_F(TableTest, ColumnsThatCannotBeUsedAreRefusedWithRowAndColumn) {
  expect_refused("x,y\n1,1\n2,2\nred,3\n", {},
                 "row 4, column 1 ('x'): 'red' is a text, and the column has numbers since row 2");
  expect_refused("x,y\nred,1\n2,2\n", {}, "row 3, column 1 ('x'): '2' is a number");
  EXPECT_EQ(read("x,y\nred,1\n2,2\n", {.categorical = "x"}).train.example(), Shape({2}));
  EXPECT_EQ(read("x,y\n1,1\n2,2.5\n1.0,3\n", {.categorical = "1"}).train.example(), Shape({2}));
  expect_refused("x;y\n1,5;2\n", {}, "row 2, column 1 ('x'): '1,5' has a decimal comma");
  expect_refused("x,y\n1,1\ninf,2\n", {}, "row 3, column 1 ('x'): 'inf' is not a finite number");
  expect_refused("x,y\n1,a\n\xff,b\n", {.header = "yes"}, "'\xff' is a text");
  expect_refused("x,y\n\xff,1\n\xff,2\n", {}, "row 2, column 1 ('x'): the text is not UTF-8");
  std::string texts = "x,y\n";
  for (int i = 0; i < 101; ++i) texts += fmt::format("t{},{}.5\n", i, i);
  expect_refused(texts, {},
                 "row 102, column 1 ('x'): with this one the column has 101 different texts");
  EXPECT_EQ(read(texts, {.categorical = "x"}).train.example(), Shape({101}));
  expect_refused(texts, {.label = "x"}, "--label names another column");
  expect_refused("x,y\n", {}, "expected rows below the header, found none");
  expect_refused("5\n6\n", {}, "no column to learn from");
  expect_refused("x,y\n1,2\n", {.test = "1.5"}, "must be in (0, 1)");
}

TEST_F(TableTest, AnotherFileIsReadByNamesOrByPlace) {
  const TrainTest data = read("x,id,c,y\n1,7,a,1\n2,8,b,2.5\n4,9,b,3\n", {.ignore = "id"});
  const auto reread = [&](const std::string& text, const TableOptions& options = {}) {
    write_file(folder_ / "other.csv", text);
    return read_csv(folder_ / "other.csv", *data.preparation, options).train;
  };
  const Values x = inputs_of(data.train).to_vector(), y = targets_of(data.train);
  EXPECT_EQ(inputs_of(reread("y;c;new;x\n1;a;0;1\n2.5;b;0;2\n3;b;0;4\n")).to_vector(), x);
  EXPECT_EQ(targets_of(reread("1,?,a,1\n2,?,b,2.5\n4,?,b,3\n", {.header = "no"})), y);
  const auto refused = [&](const std::string& text, const std::string& part) {
    const std::string error = error_of([&] { reread(text); });
    EXPECT_NE(error.find(part), error.npos) << error;
  };
  refused("x,c,yy\n1,a,2\n", "row 1: expected a column 'y', as in training");
  refused("1,a,2\n", "row 1 has 3 fields, separated by comma; expected the 4 columns");
  refused("x,c,y\n1,z,2\n", "row 2, column 2 ('c'): 'z' is a category that the training data did");
  refused("x,c,y\nb,a,2\n", "row 2, column 1 ('x'): 'b' is a text; expected a number");
  refused("x,c,y\n,a,2\n", "row 2, column 1 ('x'): the value is missing");
  refused("x,c,y\n1,a,\n", "row 2, column 3 ('y'): the value is missing; a label is needed");
  refused("x,c,y\n", "expected rows, found none");
  Preparation filling = *data.preparation;
  filling.missing = "mean";
  write_file(folder_ / "other.csv", "x,c,y\n?,z,1\n");
  const Dataset filled = read_csv(folder_ / "other.csv", filling).train;
  EXPECT_NEAR(inputs_of(filled).to_vector()[1], 1.0 / 3, 1e-6);
  EXPECT_NEAR(inputs_of(filled).to_vector()[0], 0, 1e-6);
}

TEST_F(TableTest, ClassesAreKnownByValue) {
  const TrainTest data = read("x,y\n1,1\n2,2\n3,1\n4,2\n");
  write_file(folder_ / "other.csv", "x,y\n1,2.0\n2,+1\n");
  EXPECT_EQ(read_csv(folder_ / "other.csv", *data.preparation).train.labels(),
            (std::vector<int32_t>{1, 0}));
  write_file(folder_ / "other.csv", "x,y\n1,3\n");
  const std::string error = error_of([&] { read_csv(folder_ / "other.csv", *data.preparation); });
  EXPECT_NE(error.find("'3' is a class that the training data did not have (1, 2)"), error.npos);
}

TEST_F(TableTest, ThePreparationComesBackFromItsJson) {
  const TrainTest data = read("x,id,c,y\n1,7,\"a,\"\"\n\",1\n2,8,\xc3\xa9,2.5\n4,9,b,3\n",
                              {.ignore = "id", .missing = "mean"});
  const std::string json = preparation_json(*data.preparation);
  const Preparation again = parse_preparation(json, "p.json");
  EXPECT_EQ(preparation_json(again), json);
  EXPECT_EQ(again.inputs(), 4);
  write_file(folder_ / "other.csv", "x,c,y\n3,b,9\n");
  EXPECT_EQ(inputs_of(read_csv(folder_ / "other.csv", again).train).to_vector(),
            inputs_of(read_csv(folder_ / "other.csv", *data.preparation).train).to_vector());
  for (size_t cut = 0; cut + 2 < json.size(); cut += 7) {  // never a crash, always its name
    const std::string error = error_of([&] { parse_preparation(json.substr(0, cut), "p.json"); });
    EXPECT_EQ(error.find("p.json: not a preparation: "), 0u) << error;
  }
  std::string wrong = json;
  wrong.replace(wrong.find("\"scale\":"), 8, "\"scale\":-");
  EXPECT_NE(error_of([&] { parse_preparation(wrong, "p.json"); }), "");
}

TEST_F(TableTest, TheSameBitsForAnySeedOfNothingAndThreads) {
  std::string text = "a,b,c\n";
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    text += fmt::format("{},{},{}\n", random.normal(), random.below(5), random.uniform());
  }
  const TrainTest one = read(text, {.test = "0.2"}, 4), two = read(text, {.test = "0.2"}, 4);
  EXPECT_EQ(inputs_of(one.test).to_vector(), inputs_of(two.test).to_vector());
  EXPECT_EQ(preparation_json(*one.preparation), preparation_json(*two.preparation));
  const TrainTest other = read(text, {.test = "0.2"}, 5);
  EXPECT_NE(inputs_of(one.test).to_vector(), inputs_of(other.test).to_vector());
  // With its preparation the same rows are held out.
  const TrainTest again = read_csv(path_, *one.preparation, {.test = "0.2"}, 4);
  EXPECT_EQ(inputs_of(one.test).to_vector(), inputs_of(again.test).to_vector());
}

TEST_F(TableTest, LongAndWideAndTiny) {
  EXPECT_EQ(read("1,2.5\n").train.size(), 1u);
  std::string wide, row;
  for (int i = 0; i < 5000; ++i) row += fmt::format("{},", i);
  wide = row + "1.5\n" + row + "2.5\n";
  EXPECT_EQ(read(wide).train.example(), Shape({5000}));
  std::string tall;
  for (int i = 0; i < 400'000; ++i) tall += fmt::format("{},{}\n", i, 0.5 * i);
  const TrainTest data = read(tall, {.scale = "none"});
  ASSERT_EQ(data.train.size(), 400'000u);
  EXPECT_EQ(targets_of(data.train)[399'999], 199'999.5);
  EXPECT_EQ(inputs_of(data.train).to_vector()[262'144], 262'144);
}

TEST_F(TableTest, AStreamGivesTheSameExamplesInPieces) {
  const TrainTest data = read("x,c,y\n1,a,1\n2,b,2.5\n4,b,3\n5,a,4\n6,b,5\n");
  const Values all = inputs_of(data.train).to_vector();
  for (const char* text : {"x,c,y\n1,a,1\n2,b,?\n4,b,\n5,a,x\n6,b,5\n",
                           "c,x\na,1\nb,2\nb,4\na,5\nb,6\n", "1,a\n2,b\n4,b\n5,a\n6,b\n"}) {
    write_file(folder_ / "new.csv", gzip_bytes(text));
    for (const int64_t piece : {1, 2, 5, 100}) {
      ExampleStream stream(folder_ / "new.csv", data.preparation);
      Values seen;
      for (Tensor x; (x = stream.next(piece)).defined();) {
        EXPECT_LE(x.shape()[0], piece);
        for (const double v : x.to_vector()) seen.push_back(v);
      }
      EXPECT_EQ(seen, all);
    }
  }
}

TEST_F(TableTest, AShareIsKeptAsItIsAndNothingElseIsOne) {
  const std::string shares = "x,y\n1,0.25\n3,1\n5,0\n";
  const TrainTest data = read(shares, {.target_is_share = true});
  EXPECT_EQ(targets_of(data.train), (Values{0.25, 1, 0}));
  EXPECT_NEAR(inputs_of(data.train).to_vector()[1], 0, 1e-6);  // 3, the mean
  EXPECT_EQ(data.train.target_scale, 1);
  expect_refused(shares + "7,1.5\n9,2.5\n", {.target_is_share = true},
                 "t.csv: row 5, column 2 ('y'): '1.5' is no share");
  EXPECT_EQ(read("x,y\n1,2\n3,7\n5,2\n7,7\n", {.target_is_share = true}).train.classes(), 2);
}

TEST_F(TableTest, TheDataKnowTheUnitOfTheTarget) {
  const TrainTest data = read("x,price\n1,100.5\n3,300.5\n", {});
  EXPECT_EQ(data.train.label_name, "price");
  EXPECT_NEAR(data.train.target_offset, 200.5, 1e-4);
  EXPECT_NEAR(data.train.target_scale, 100, 1e-4);
  const Values targets = targets_of(data.train);
  EXPECT_NEAR(data.train.target_offset + data.train.target_scale * targets[1], 300.5, 1e-3);
}

TEST_F(TableTest, AStreamOfImages) {
  std::string values(5 * 6, '\0');
  std::iota(values.begin(), values.end(), char(100));
  const std::string file = idx_bytes({5, 2, 3}, values);
  for (const std::string& bytes : {file, gzip_bytes(file)}) {
    write_file(path_, bytes);
    EXPECT_TRUE(is_idx(path_));
    ExampleStream stream(path_, nullptr);
    Values seen;
    for (Tensor x; (x = stream.next(2)).defined();) {
      for (const double v : x.to_vector()) seen.push_back(v);
    }
    ASSERT_EQ(seen.size(), 30u);
    for (size_t i = 0; i < 30; ++i) EXPECT_EQ(seen[i], float(double(100 + i) / 255));
  }
  write_file(path_, file.substr(0, file.size() - 1));
  EXPECT_NE(error_of([&] { ExampleStream(path_, nullptr); }).find("truncated"), std::string::npos);
  write_file(path_, "1,2\n");
  EXPECT_FALSE(is_idx(path_));
}

TEST_F(TableTest, WineQualityAndWine) {
  const char* const root = std::getenv("RAVINE_DATA");
  const auto file = [&](const char* name) { return std::filesystem::path(root) / name; };
  if (root == nullptr || !std::filesystem::exists(file("wine/wine.data"))) {
    GTEST_SKIP() << "RAVINE_DATA has no wine/wine.data";
  }
  const TrainTest wine = read_csv(file("wine/wine.data"), {.label = "1"});
  EXPECT_EQ(wine.train.size(), 178u);
  EXPECT_EQ(wine.train.class_names, (std::vector<std::string>{"1", "2", "3"}));
  const TrainTest red = read_csv(file("winequality/winequality-red.csv"));
  EXPECT_EQ(red.train.size(), 1599u);
  EXPECT_EQ(red.train.example(), Shape({11}));
  EXPECT_EQ(red.train.classes(), 6);
  EXPECT_EQ(red.preparation->label().name, "quality");
}

}  // namespace
}  // namespace ravine
