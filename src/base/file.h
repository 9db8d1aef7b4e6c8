// Files, whole: read at once, written at once or not at all.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace ravine {

// The bytes of a file. Throws Error: it is missing, a folder, or cannot be read.
std::string read_file(const std::filesystem::path& path);

// Writes beside `path` and renames, so that `path` is the old file or the whole new one.
// Throws Error, and leaves nothing behind, when the folder is missing, read-only or full.
void write_file(const std::filesystem::path& path, std::string_view bytes);

std::string path_text(const std::filesystem::path& path);  // for messages

}  // namespace ravine
