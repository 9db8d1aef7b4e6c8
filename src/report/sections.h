// What a report says of each single run; each is HTML, "" where there is nothing to say. `level` is
// that of its heading. Ids and names begin with `id`, which no other run has.
#pragma once
#include <string>

#include "report/record.h"

namespace ravine::report {

std::string confusion_section(const Record& record, int level);
std::string mistakes_section(const Record& record, int level);
std::string residuals_section(const Record& record, const std::string& id, int level);
std::string diagnosis_section(const Record& record, const std::string& id, int level);
std::string columns_section(const Record& record, int level);  // of a table
std::string network_section(const Record& record, int level);
std::string options_section(const Record& record, int level);
std::string numbers_section(const Record& record, int level);

// What the command line understands as the same value: "--batch 128", "--no-shuffle".
std::string words_of(const OptionRef& option);
// "ravine train" and the options that are not at their defaults, a line each.
std::string command_of(const TrainConfig& config);

// Of one run at its top, and of several side by side.
std::string summary_of_one(const Record& record);
std::string summary_of_several(std::span<const Record> records);

// One run in a line of text: "runs/a: test accuracy 98.02%, test loss 0.0812; 20 epochs, 31.2 s".
std::string line_of(const Record& record);

// How the run ended, where that is not as asked: "" else. Text, not HTML.
std::string ending_of(const Record& record);

}  // namespace ravine::report
