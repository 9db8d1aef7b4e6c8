// What fit refuses, for callers that must know before they begin.
#pragma once
#include "ravine/error.h"
#include "ravine/train.h"

namespace ravine {

// What fit throws where the loss or a parameter is no longer finite.
class Diverged : public Error {
 public:
  using Error::Error;
};

// Throws UsageError on options that are out of range, contradict each other or do not suit the
// model and the data.
void check_fit(const Model& model, const Dataset& train, const Dataset& test,
               const FitOptions& options);

// What is trained on, and what is held out: nothing where options.validation is 0.
Split hold_out(const Dataset& train, const FitOptions& options);
// How many examples of `count` an update takes; `asked` as in FitOptions.
int64_t batch_size(std::optional<int64_t> asked, size_t count);

// Throw UsageError if the data's examples (and outputs) are not the model's.
void check_inputs(const Model& model, const Dataset& data);
void check_suits(const Model& model, const Dataset& data);

}  // namespace ravine
