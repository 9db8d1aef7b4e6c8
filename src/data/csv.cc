#include "data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "data/field.h"
#include "ravine/error.h"

namespace ravine {
namespace {

constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kLongestRow = size_t{64} << 20;  // bytes; a quote left open would take all

char separator_of(const std::string& text) {
  for (const char c : {',', ';', '\t', ' '}) {
    if (text == separator_text(c) || text == std::string(1, c)) return c;
  }
  if (text == "\\t") return '\t';
  const bool taken = text.size() == 1 && std::strchr("\"'\r\n.+-0123456789", text[0]) == nullptr;
  if (taken && uint8_t(text[0]) < 0x80) return text[0];
  throw UsageError(
      fmt::format("separator must be auto, comma, semicolon, tab, space or one character such as "
                  "|, got {}",
                  text.empty() ? "nothing" : text));
}

}  // namespace

std::string separator_text(char separator) {
  switch (separator) {
    case ',':
      return "comma";
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case ' ':
      return "space";
    default:
      return std::string(1, separator);
  }
}

RowParser::RowParser(char separator) : separator_(separator) {
  for (const char c : {separator, '\n', '\r'}) ends_[uint8_t(c)] = true;
  if (separator == ' ') ends_[uint8_t('\t')] = true;
}

RowParser::Result RowParser::parse(char*& at, char* end, bool last) {
  fields.clear(), doubled_.clear();
  lines = 1, blank = false;
  for (char* to = at;;) {
    skip_blanks(to, end);
    if (to == end && !last) return Result::kMore;
    const bool has_quote = to < end && *to == '"';
    const Result result = has_quote ? quoted(to, end, last) : plain(to, end, last);
    if (result != Result::kRow) return result;
    if (separator_ == ' ') skip_blanks(to, end);  // however many of them are one separator
    if (to == end && !last) return Result::kMore;
    const bool ends = to == end || *to == '\n' || *to == '\r';
    if (!ends) {
      to += separator_ != ' ';
      continue;
    }
    if (to + 1 == end && *to == '\r' && !last) return Result::kMore;  // a '\n' may follow
    if (to < end) to += *to == '\r' && to + 1 < end && to[1] == '\n' ? 2 : 1;
    blank = fields.size() == 1 && fields[0].empty() && !has_quote;
    at = to;
    return Result::kRow;
  }
}

RowParser::Result RowParser::plain(char*& at, char* end, bool last) {
  char* const begin = at;
  while (at < end && !ends_[uint8_t(*at)]) ++at;
  if (at == end && !last) return Result::kMore;
  const char* stop = at;
  while (stop > begin && is_blank(stop[-1])) --stop;
  fields.emplace_back(begin, size_t(stop - begin));
  return Result::kRow;
}

RowParser::Result RowParser::quoted(char*& at, char* end, bool last) {
  char* const begin = ++at;
  for (bool doubled = false;; doubled = true, at += 2) {
    at = static_cast<char*>(std::memchr(at, '"', size_t(end - at)));
    if (at == nullptr) return last ? Result::kOpenQuote : Result::kMore;
    if (at + 1 == end && !last) return Result::kMore;
    if (at + 1 < end && at[1] == '"') continue;
    if (doubled) doubled_.push_back(fields.size());
    break;
  }
  fields.emplace_back(begin, size_t(at - begin));
  lines += size_t(std::count(begin, at, '\n'));
  ++at;
  skip_blanks(at, end);
  if (at == end && !last) return Result::kMore;
  const bool ended = at == end || ends_[uint8_t(*at)] || (separator_ == ' ' && at[-1] != '"');
  return ended ? Result::kRow : Result::kAfterQuote;
}

void RowParser::unquote() {
  for (const size_t i : doubled_) {
    char* const begin = const_cast<char*>(fields[i].data());
    char* to = begin;
    for (size_t k = 0; k < fields[i].size(); ++k) {
      *to++ = fields[i][k];
      k += fields[i][k] == '"';
    }
    fields[i] = {begin, size_t(to - begin)};
  }
  doubled_.clear();
}

CsvReader::CsvReader(const std::filesystem::path& path, const CsvOptions& options)
    : name_(path_text(path)), bytes_(path) {
  start(options);
}

CsvReader::CsvReader(std::string name, std::string_view contents, const CsvOptions& options)
    : name_(std::move(name)), bytes_(name_, contents) {
  start(options);
}

void CsvReader::start(const CsvOptions& options) {
  if (options.header != "auto" && options.header != "yes" && options.header != "no") {
    throw UsageError(fmt::format("header must be auto, yes or no, got {}", options.header));
  }
  refill();
  const std::string_view head(at_, size_t(end_ - at_));
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
    throw Error(fmt::format("{}: is UTF-16; save it as UTF-8", name_));
  }
  if (head.find('\0') != head.npos) {
    throw Error(fmt::format("{}: expected a table of text (CSV), found zero bytes", name_));
  }
  if (head.starts_with("\xef\xbb\xbf")) at_ += 3;  // the mark that UTF-8 may begin with
  const std::string_view text(at_, size_t(end_ - at_));
  separator_ =
      options.separator == "auto" ? sniff_separator(text, last_) : separator_of(options.separator);
  has_header_ = options.header == "auto" ? sniff_header(text, last_, separator_, options.names)
                                         : options.header == "yes";
  parser_ = std::make_unique<RowParser>(separator_);
  if (!next_row())
    throw Error(fmt::format("{}: expected a table (CSV), found an empty file", name_));
  parser_->unquote();
  names_.resize(parser_->fields.size());
  pending_ = !has_header_;
  if (has_header_) std::copy(parser_->fields.begin(), parser_->fields.end(), names_.begin());
  for (size_t i = 0; i < width(); ++i) {
    if (!is_utf8(names_[i])) {
      throw Error(
          fmt::format("{}: row {}, column {}: the name is not UTF-8; save the file as UTF-8", name_,
                      row_, i + 1));
    }
  }
}

bool CsvReader::refill() {
  const size_t left = size_t(end_ - at_), room = std::max(kPiece, left);
  if (left > 0) std::memmove(buffer_.data(), at_, left);
  buffer_.resize(left + room);
  const size_t got = bytes_.read(reinterpret_cast<uint8_t*>(buffer_.data() + left), room);
  last_ = got < room;
  at_ = buffer_.data();
  end_ = at_ + left + got;
  return got > 0;
}

bool CsvReader::next_row() {
  for (;;) {
    if (at_ == end_ && (last_ || !refill())) return false;
    const RowParser::Result result = parser_->parse(at_, end_, last_);
    row_ = next_line_;
    if (result == RowParser::Result::kRow) {
      next_line_ += parser_->lines;
      if (!parser_->blank) return true;
      continue;
    }
    const size_t column = parser_->fields.size() - (result == RowParser::Result::kAfterQuote);
    if (result == RowParser::Result::kAfterQuote) {
      throw Error(
          fmt::format("{}: row {}, column {}: something follows the closing quote; a quote "
                      "within quotes is written twice",
                      name_, row_, column + 1));
    }
    const bool too_long = size_t(end_ - at_) > kLongestRow;
    if (result == RowParser::Result::kOpenQuote || too_long) {
      throw Error(fmt::format("{}: row {}, column {}: {}", name_, row_, column + 1,
                              too_long ? "the row is longer than 64 MiB; is a quote left open?"
                                       : "a quote is opened and never closed"));
    }
    refill();
  }
}

bool CsvReader::next() {
  if (pending_) {
    pending_ = false;
    return true;
  }
  if (!next_row()) return false;
  parser_->unquote();
  const size_t found = parser_->fields.size();
  if (found == width()) return true;
  throw Error(
      fmt::format("{}: row {} has {} field{} where the first row has {}, separated by {}; "
                  "correct it, or name another --separator",
                  name_, row_, found, found == 1 ? "" : "s", width(), separator_text(separator_)));
}

std::string CsvReader::column_text(size_t column) const {
  return names_[column].empty() ? fmt::format("column {}", column + 1)
                                : fmt::format("column {} ('{}')", column + 1, names_[column]);
}

std::string CsvReader::place(size_t row, size_t column) const {
  return fmt::format("{}: row {}, {}", name_, row, column_text(column));
}

}  // namespace ravine
