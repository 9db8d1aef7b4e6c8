// JSON, with members in their order. Its reader and writer are compiled once, in json.cc.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ravine {

using Json = nlohmann::ordered_json;

// Throws Json::exception. `check` may throw too.
Json parse_json(std::string_view text, const Json::parser_callback_t& check = nullptr);

// On one line. What is not UTF-8 is an exception, or replaced by U+FFFD.
enum class NotUtf8 { kThrows, kReplaced };
std::string json_text(const Json& json, NotUtf8 otherwise = NotUtf8::kReplaced);

// An object with a member a line, so that a person can read it.
std::string json_lines(const Json& object);

// For readers, which trust nothing in a file. Throws Error(what) unless it is right.
void check_json(bool right, const char* what);

// What is not finite stands as null.
double json_number(const Json& json);

// What is wrong, without nlohmann's "[json.exception.out_of_range.403] ".
std::string json_reason(const Json::exception& e);

}  // namespace ravine
