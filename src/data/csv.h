// Rows of fields from a text: RFC 4180, and what else goes by the name of CSV.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/gzip.h"

namespace ravine {

struct CsvOptions {
  std::string separator = "auto";       // comma, semicolon, tab, space, or the character itself
  std::string header = "auto";          // yes, no
  std::vector<std::string> names = {};  // of columns: a first row that has one of them is a header
};

// Cuts rows out of bytes that come piece by piece.
class RowParser {
 public:
  enum class Result {
    kRow,
    kMore,
    kOpenQuote,
    kAfterQuote
  };  // kMore: the row goes on behind `end`

  explicit RowParser(char separator);

  // The row at `at`, which is then behind it. `last`: nothing follows `end`.
  Result parse(char*& at, char* end, bool last);
  std::vector<std::string_view> fields;
  size_t lines = 0;    // that the row takes
  bool blank = false;  // it has no field but an empty one without quotes
  void unquote();      // turns "" within quotes to ", in place: once a row

 private:
  Result quoted(char*& at, char* end, bool last);
  Result plain(char*& at, char* end, bool last);
  bool is_blank(char c) const { return c == ' ' || (c == '\t' && separator_ != '\t'); }
  void skip_blanks(char*& at, const char* end) const {
    while (at < end && is_blank(*at)) ++at;
  }

  char separator_;
  bool ends_[256] = {};          // which bytes end a field without quotes
  std::vector<size_t> doubled_;  // the fields with "" in them
};

// A file's rows, all of the same width, in the memory of one row and a piece of the file.
class CsvReader {
 public:
  // Finds out the separator and the header where the options do not say. Throws UsageError on
  // these, Error on a file that cannot be read, is empty, or is no text.
  CsvReader(const std::filesystem::path& path, const CsvOptions& options);
  CsvReader(std::string name, std::string_view contents, const CsvOptions& options);

  const std::string& name() const { return name_; }  // of the file, for messages
  bool has_header() const { return has_header_; }
  const std::vector<std::string>& names() const { return names_; }  // "" without a header
  size_t width() const { return names_.size(); }
  char separator() const { return separator_; }

  // The next row; false at the end. Throws Error: another width, a quote left open.
  bool next();
  std::span<const std::string_view> fields() const { return parser_->fields; }
  size_t row() const { return row_; }  // the line of the file that it begins at, from 1

  std::string column_text(size_t column) const;        // "column 3 ('pH')"
  std::string place(size_t row, size_t column) const;  // "wine.csv: row 17, column 3 ('pH')"
  std::string place(size_t column) const { return place(row_, column); }

 private:
  void start(const CsvOptions& options);
  bool refill();
  bool next_row();

  std::string name_;
  ByteReader bytes_;
  std::string buffer_;
  char *at_ = nullptr, *end_ = nullptr;  // what is left in it
  bool last_ = false;                    // nothing follows
  bool pending_ = false;                 // the first row is no header: next() is still to give it
  char separator_ = ',';
  bool has_header_ = false;
  std::vector<std::string> names_;
  std::unique_ptr<RowParser> parser_;
  size_t row_ = 0, next_line_ = 1;
};

std::string separator_text(char separator);  // "comma"

// What the first rows look like. `text` is read only; `last`: it is the whole file.
char sniff_separator(std::string_view text, bool last);
bool sniff_header(std::string_view text, bool last, char separator,
                  const std::vector<std::string>& names);

}  // namespace ravine
