// The same charts in a terminal.
#pragma once
#include <string>

#include "ravine/report.h"
#include "report/chart.h"

namespace ravine::report {

// Lines of at most options.width columns, with the title above; names and last values stand at the
// ends of their curves.
std::string chart_text(const Chart& chart, std::string_view note, const TextOptions& options);

}  // namespace ravine::report
