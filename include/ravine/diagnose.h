// What ails a training: probes while it runs, and findings with evidence and the usual remedies
// (docs/lab.md names them all, with their thresholds).
//
//   Diagnoser doctor;
//   doctor.begin(mnist);
//   fit(model, mnist.train, mnist.test, {.callbacks = {doctor.callback()}});
//   for (const Finding& f : doctor.diagnosis().findings) std::puts(f.evidence.c_str());
//
// To be watched changes no bit of a training.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ravine/diagnosis.h"
#include "ravine/option.h"
#include "ravine/report.h"
#include "ravine/run.h"
#include "ravine/train.h"

namespace ravine {

struct DiagnoseOptions {
  int64_t every = 0;
  int64_t steps = 1000;
  bool again = false;

  template <class F>
  void options(F f) {
    f(Option{"every",
             "updates between two probes; 0: 40, more where batches are small, so that probes take "
             "a few percent of the time",
             kNotNegative},
      every);
    f(Option{"steps", "of a run without diagnosis, the first updates that are repeated; 0: all",
             kNotNegative},
      steps);
    f(Option{"again", "measure anew what has been measured; --every or --steps ask for it too"},
      again);
  }
};

// Watches one training.
class Diagnoser {
 public:
  explicit Diagnoser(const DiagnoseOptions& options = {});  // `every` of them holds
  ~Diagnoser();
  Diagnoser(Diagnoser&&) noexcept;
  Diagnoser& operator=(Diagnoser&&) noexcept;

  void begin(const TrainTest& data);  // before fit(): what is trained on
  Callback callback();                // for FitOptions or RunOptions; valid as long as this
  // What was seen so far, judged. `error`: why the training failed, what fit() has thrown.
  Diagnosis diagnosis(std::string_view error = {}) const;

 private:
  friend Diagnosis diagnose_run(const std::filesystem::path&, const DiagnoseOptions&,
                                const RunOptions&);
  struct Body;
  std::unique_ptr<Body> body_;
};

// The diagnosis in a run's folder; of a run that has none, or with `again`, its first updates are
// repeated from its config, with probes, and judged together with its history. Nothing is written.
// Of `how` places, callbacks, on_start and stop hold. Throws UsageError: not a folder; Error: a
// file is missing or damaged, or the data are gone.
Diagnosis diagnose_run(const std::filesystem::path& folder, const DiagnoseOptions& options = {},
                       const RunOptions& how = {});

// Writes diagnosis.json into a run's folder, whole or not at all; returns its path. Throws Error.
std::filesystem::path write_diagnosis(const std::filesystem::path& folder,
                                      const Diagnosis& diagnosis);

// The findings as lines of text, or that there are none; with `layers` a table of the layers too.
std::string diagnosis_text(const Diagnosis& diagnosis, const TextOptions& options = {},
                           bool layers = false);

}  // namespace ravine
