// What a comparison's runs say: means and intervals of each side, and a judgement of each pair.
#pragma once
#include "lab/goal.h"
#include "ravine/lab.h"

namespace ravine::lab {

// Fills in what the runs of result.sides give.
void judge(CompareResult& result, const Goal& goal);

bool has_accuracy(const CompareResult& result);  // judged, and some run has one

}  // namespace ravine::lab
