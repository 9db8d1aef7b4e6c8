// A history as CSV.
#pragma once
#include <string>

#include "ravine/train.h"

namespace ravine {

// Which numbers a training has.
struct HistoryColumns {
  bool labels = true, validation = false, test = true;
};

// A line an epoch: epoch,step,seconds,lr, then loss and metrics of train, validation and test.
std::string history_csv(const History& history, const HistoryColumns& columns);

}  // namespace ravine
