#include "base/json.h"

#include <cmath>

#include "ravine/error.h"

namespace ravine {

Json parse_json(std::string_view text, const Json::parser_callback_t& check) {
  return Json::parse(text, check);
}

std::string json_text(const Json& json, NotUtf8 otherwise) {
  return json.dump(-1, ' ', false,
                   otherwise == NotUtf8::kThrows ? Json::error_handler_t::strict
                                                 : Json::error_handler_t::replace);
}

std::string json_lines(const Json& object) {
  std::string text;
  for (const auto& [name, value] : object.items()) {
    text += (text.empty() ? "{\n" : ",\n") + json_text(name) + ": " + json_text(value);
  }
  return text + "\n}\n";
}

void check_json(bool right, const char* what) {
  if (!right) throw Error(what);
}

double json_number(const Json& json) { return json.is_null() ? NAN : json.get<double>(); }

std::string json_reason(const Json::exception& e) {
  const std::string text = e.what();
  const size_t end = text.find("] ");
  return end == text.npos ? text : text.substr(end + 2);
}

}  // namespace ravine
