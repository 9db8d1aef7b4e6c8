#include "data/csv.h"

#include "data/field.h"
#include "data/testing.h"
#include "ravine/random.h"

namespace ravine {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows read(const std::string& text, const CsvOptions& options = {}) {
  CsvReader reader("t.csv", text, options);
  Rows rows;
  if (reader.has_header()) rows.push_back(reader.names());
  while (reader.next()) rows.emplace_back(reader.fields().begin(), reader.fields().end());
  return rows;
}

std::string complaint(const std::string& text, const CsvOptions& options = {}) {
  return error_of([&] { read(text, options); });
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << '"' << part << "\" is not in: " << text;
}

TEST(Csv, QuotesLineEndsAndBlanks) {
  EXPECT_EQ(read("a,b\n1,2\n"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a,b\r\n1,2"),
            (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read("a,b\r1,2\r\r3,4"), (Rows{{"a", "b"}, {"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(read("\"a,\"\"x\"\"\ny\",b\n1,2\n"), (Rows{{"a,\"x\"\ny", "b"}, {"1", "2"}}));
  EXPECT_EQ(read("a, b ,c\n 1 ,\t2,\" 3 \" \n"), (Rows{{"a", "b", "c"}, {"1", "2", " 3 "}}));
  EXPECT_EQ(read("x\n\n1\n\n\n2\n"), (Rows{{"x"}, {"1"}, {"2"}}));
  EXPECT_EQ(read("x,\"\"\n1,5\" pipe\n", {.header = "yes"}), (Rows{{"x", ""}, {"1", "5\" pipe"}}));
}

TEST(Csv, FindsTheSeparator) {
  for (const auto& [text, separator] : std::vector<std::pair<std::string, char>>{
           {"1,2\n3,4\n", ','},
           {"a;b\n1,5;2,5\n3,5;4,5\n", ';'},
           {"ham\tGo, until, then\nspam\tFree; entry\n", '\t'},
           {"1 2  3\n 4 5 6 \n", ' '},
           {"EI,  A-B,   CC\nIE,  A-C,   GG\n", ','},
           {"7\n8\n", ','},
           {"\"a;b\",\"c;d\"\n\"e\",\"f;g\"\n", ','}}) {
    EXPECT_EQ(CsvReader("t.csv", text, {}).separator(), separator) << text;
  }
  EXPECT_EQ(read("1|2\n3|4\n", {.separator = "|"}), (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(read("1,2\n3,4\n", {.separator = "semicolon"}), (Rows{{"1,2"}, {"3,4"}}));
  EXPECT_EQ(read("1 2\n3 4  5\n", {.separator = "tab"})[0], (std::vector<std::string>{"1 2"}));
}

TEST(Csv, FindsTheHeader) {
  for (const auto& [text, header] : std::vector<std::pair<std::string, bool>>{
           {"a,b\n1,x\n", true},
           {"1,b\n1,x\n", false},
           {"NA,b\n1,x\n", false},
           {",b\n0,1\n", true},
           {"ham,Go on\nspam,Free\nham,Yes\n", false},
           {"ham,on\nspam,off\nham,off\n", false},
           {"text,category\nhow,card\nwho,card\nwhy,top\n", true},
           {"a,b\n", true},
           {"1,2\n", false}}) {
    EXPECT_EQ(CsvReader("t.csv", text, {}).has_header(), header) << text;
    EXPECT_TRUE(CsvReader("t.csv", text, {.header = "yes"}).has_header());
    EXPECT_FALSE(CsvReader("t.csv", text, {.header = "no"}).has_header());
  }
}

TEST(Csv, RowsAreCountedAsLinesOfTheFile) {
  CsvReader reader("t.csv", "a,b\n\"1\n2\",3\n\n4,5\n", {.header = "yes"});
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.row(), 2u);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.row(), 5u);
  EXPECT_EQ(reader.place(1), "t.csv: row 5, column 2 ('b')");
}

TEST(Csv, ErrorsNameRowAndColumn) {
  expect_contains(complaint("1,2\n3\n"), "t.csv: row 2 has 1 field where the first row has 2");
  expect_contains(complaint("1,2\n3,4,5\n6,7\n"), "row 2 has 3 fields");
  expect_contains(complaint("1,2\n3,\"4\n5,6\n"), "row 2, column 2: a quote is opened");
  expect_contains(complaint("1,2\n\"3\" x,4\n"), "row 2, column 1: something follows the closing");
  expect_contains(complaint(""), "t.csv: expected a table (CSV), found an empty file");
  expect_contains(complaint("\n\n"), "empty file");
  expect_contains(complaint(std::string("1,2\0", 4)), "zero bytes");
  expect_contains(complaint("\xff\xfe"
                            "1"),
                  "UTF-16");
  expect_contains(complaint("\xe9t\xe9,b\n1,2\n"), "row 1, column 1: the name is not UTF-8");
  expect_contains(complaint("1,2\n", {.separator = "ab"}), "separator must be auto, comma");
  expect_contains(complaint("1,2\n", {.header = "maybe"}), "header must be auto, yes or no");
}

// A table written with random quotes, line ends and blanks reads as what it was.
TEST(Csv, RandomTablesComeBack) {
  const std::string kPieces[] = {"a",  "7",  "-1.5e3", " ",        ",", ";",
                                 "\t", "\"", "\n",     "\xc3\xa9", "NA"};
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const char separator = ",;\t"[random.below(3)];
    const size_t width = 2 + random.below(6), count = 1 + random.below(40);
    Rows rows(count, std::vector<std::string>(width));
    std::string text;
    for (auto& row : rows) {
      for (size_t i = 0; i < width; ++i) {
        for (uint64_t n = random.below(5); n > 0; --n) row[i] += kPieces[random.below(11)];
        std::string quoted = "\"";
        for (const char c : row[i]) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        const bool plain = row[i].find_first_of(" ,;\t\"\n") == row[i].npos && random.below(2) == 0;
        text += (i > 0 ? std::string(1, separator) : "") + (plain ? row[i] : quoted + '"');
        if (random.below(4) == 0) text += ' ';
      }
      text += random.below(2) == 0 ? "\n" : "\r\n";
    }
    const CsvOptions options{.separator = std::string(1, separator), .header = "no"};
    EXPECT_EQ(read(text, options), rows) << text;
    EXPECT_EQ(read(gzip_bytes(text), options), rows);
  }
}

TEST(Csv, RowsThatLieAcrossThePiecesOfTheFile) {
  std::string text = "a,b\n";
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i) + ",\"x\"\"\r\ny\"\n";
  CsvReader reader("t.csv", text, {});
  for (int i = 0; i < 300'000; ++i) {
    ASSERT_TRUE(reader.next());
    ASSERT_EQ(reader.fields()[0], std::to_string(i));
    ASSERT_EQ(reader.fields()[1], "x\"\r\ny");
  }
  EXPECT_FALSE(reader.next());
  const std::string wide(3'000'000, '7');  // longer than a piece
  EXPECT_EQ(read(wide + ',' + wide + "\n1,2\n"), (Rows{{wide, wide}, {"1", "2"}}));
}

// Any bytes: an error or rows of one width, never a crash.
TEST(Csv, RandomBytesAreReadOrRefused) {
  const std::string kLikely = ",,;;\t  \"\"\"\n\n\r01.e-ax";
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    std::string text;
    for (uint64_t n = random.below(200); n > 0; --n) {
      text +=
          random.below(8) == 0 ? char(random.below(256)) : kLikely[random.below(kLikely.size())];
    }
    try {
      CsvReader reader("t.csv", text, {});
      while (reader.next()) EXPECT_EQ(reader.fields().size(), reader.width());
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("t.csv: "), 0u) << error.what();
    }
  }
}

TEST(Field, NumbersMissingAndTexts) {
  float number = 0;
  for (const auto& [text, value] : std::vector<std::pair<const char*, float>>{
           {"5", 5}, {"-.5", -0.5f}, {".28", 0.28f}, {"+1e-3", 1e-3f}, {"5.", 5}, {"1e-60", 0}}) {
    EXPECT_EQ(read_field(text, number), FieldKind::kNumber) << text;
    EXPECT_EQ(number, value) << text;
  }
  for (const char* text : {"", "NA", "NaN", "nan", "?"}) {
    EXPECT_EQ(read_field(text, number), FieldKind::kMissing) << text;
  }
  for (const char* text : {"inf", "-Infinity", "1e60", "1e999"}) {
    EXPECT_EQ(read_field(text, number), FieldKind::kNotFinite) << text;
  }
  for (const char* text : {"x", "1x", "0x10", "1,5", "--1", "+-1", "+", "-", "12%", "na"}) {
    EXPECT_EQ(read_field(text, number), FieldKind::kText) << text;
  }
  EXPECT_TRUE(has_decimal_comma("7,4"));
  EXPECT_TRUE(has_decimal_comma("1.234,5"));
  EXPECT_FALSE(has_decimal_comma("a,4"));
  EXPECT_FALSE(has_decimal_comma("1,2,3"));
  EXPECT_EQ(value_name("+1.0"), "1");
  EXPECT_EQ(value_name("-0"), "0");
  EXPECT_TRUE(value_less("2", "10"));
  EXPECT_TRUE(value_less("10", "a"));
  EXPECT_FALSE(is_utf8("\xc0\x80"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xc3"));
  EXPECT_TRUE(is_utf8("\xf0\x9f\x8d\xb7"));
}

}  // namespace
}  // namespace ravine
