// The charts of a report.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "report/chart.h"
#include "report/record.h"

namespace ravine::report {

// How the curve of a set, or of a run, looks everywhere in a report: runs differ by colour and
// marker, sets by line; in a report of one run sets differ by all of them.
Series style_of(std::span<const Record> records, size_t run, const std::string& set);

// The unit in which so many seconds read well: seconds / scale are on its axis.
struct Clock {
  Axis axis{"seconds of training", Unit::kSeconds};
  double scale = 1;
  explicit Clock(double longest);
};

// With a logarithmic y axis where values ask for one, and a description in words.
Chart finished(Chart chart, size_t number);

enum class Over { kEpochs, kSeconds, kSteps, kRates };

struct Plot {
  Chart chart;
  std::string note;  // what the title leaves open
  Over over;
};

// Metrics over epochs and over seconds, running loss, and the learning rate where it changes; of
// many runs, or where `main_only`, one curve a run.
std::vector<Plot> plots_of(std::span<const Record> records, bool main_only = false);

// The learning rates of the runs, each once; none where one of them changes.
std::vector<std::string> constant_rates(std::span<const Record> records);

std::string curves_section(std::span<const Record> records);

}  // namespace ravine::report
