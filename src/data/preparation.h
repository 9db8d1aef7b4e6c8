// From the cells of a row to the inputs of a model.
#pragma once
#include <span>

#include "data/table.h"
#include "ravine/table.h"

namespace ravine {

// Fits on the rows `train` of `table`, and turns the cells of texts into their number among the
// values of the preparation: so those of every row are ready to be encoded.
Preparation fit_preparation(RawTable& table, const TableOptions& options,
                            std::span<const uint32_t> train);

// `cells`: one for each column that is not ignored, in order. Returns the label's: a class, or the
// scaled target.
float encode(const Preparation& preparation, const float* cells, float* inputs);

}  // namespace ravine
