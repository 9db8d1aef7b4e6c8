#include "train/history.h"

#include <fmt/format.h>

#include "train/metric.h"

namespace ravine {
namespace {

struct Set {
  const char* name;
  Scores EpochRecord::*scores;
  bool shown;
};

// Calls f(set, name, score) for each column of scores.
template <class F>
void for_each_score(const HistoryColumns& columns, const F& f) {
  const Set sets[] = {{"train", &EpochRecord::train, true},
                      {"validation", &EpochRecord::validation, columns.validation},
                      {"test", &EpochRecord::test, columns.test}};
  for (const Set& set : sets) {
    if (!set.shown) continue;
    f(set, "loss", &Scores::loss);
    for (const Metric& metric : metrics()) {
      if (metric.labels == columns.labels) f(set, metric.name, metric.score);
    }
  }
}

}  // namespace

std::string history_csv(const History& history, const HistoryColumns& columns) {
  std::string text = "epoch,step,seconds,lr";
  for_each_score(columns, [&](const Set& set, const char* name, auto) {
    text += fmt::format(",{}_{}", set.name, name);
  });
  text += '\n';
  for (const EpochRecord& epoch : history.epochs) {
    text += fmt::format("{},{},{:.4f},{}", epoch.epoch, epoch.step, epoch.seconds, epoch.lr);
    for_each_score(columns, [&](const Set& set, const char*, double Scores::*score) {
      text += fmt::format(",{}", epoch.*set.scores.*score);
    });
    text += '\n';
  }
  return text;
}

}  // namespace ravine
