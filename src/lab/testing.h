// What the tests of the lab share: a small table, and runs on it that take milliseconds.
#pragma once
#include <fmt/format.h>

#include <string>
#include <vector>

#include "ravine/lab.h"
#include "train/testing.h"

namespace ravine::testing {

// Three clouds in the plane that overlap a little, as CSV.
inline void put_clouds(const std::filesystem::path& path, int rows = 240) {
  const Dataset data = clouds(rows);
  Tensor x, y;
  std::vector<uint32_t> all(data.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = uint32_t(i);
  data.gather(all, x, y);
  std::string text = "a,b,cloud\n";
  for (int i = 0; i < rows; ++i) {
    text += fmt::format("{},{},c{}\n", x.values<float>()[2 * i], x.values<float>()[2 * i + 1],
                        data.labels()[size_t(i)]);
  }
  put(path, text);
}

// All that was measured but the seconds.
inline std::string measured(const StudyRun& run) {
  std::string text = fmt::format("{} {} {} {} {} {}:", run.name, run.config.optimizer,
                                 run.config.seed, run.ended, run.test.loss, run.test.accuracy);
  for (const EpochRecord& e : run.epochs) {
    text += fmt::format(" {},{},{},{},{}", e.step, e.lr, e.train.loss, e.validation.loss,
                        e.validation.accuracy);
  }
  return text;
}

inline std::string measured(const std::vector<StudyRun>& runs) {
  std::string text;
  for (const StudyRun& run : runs) text += measured(run) + "\n";
  return text;
}

}  // namespace ravine::testing
