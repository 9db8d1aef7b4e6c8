// What happened in a training, to look at: a page, or curves in the terminal.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace ravine {

// One HTML page about the runs in these folders, overlaid where there are several: curves,
// confusion matrix, the surest mistakes, network, options and command. It needs nothing but itself.
//
//   const std::filesystem::path runs[] = {"runs/rmsprop", "runs/adam"};
//   write_page("compared.html", report_page(runs));
//
// Throws UsageError: no run, one twice, not a folder; Error that names the file: config.toml,
// history.csv or results.json is missing or damaged.
std::string report_page(std::span<const std::filesystem::path> runs);

struct TextOptions {
  int width = 80;      // columns
  bool utf8 = true;    // else ASCII alone
  bool color = false;  // with the control sequences of a terminal
};

// The same curves as lines of text. Throws as report_page() does.
std::string report_text(std::span<const std::filesystem::path> runs,
                        const TextOptions& options = {});

// Writes a page, whole or not at all; throws Error.
void write_page(const std::filesystem::path& file, std::string_view page);

}  // namespace ravine
