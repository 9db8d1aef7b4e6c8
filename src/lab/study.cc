#include "lab/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <thread>

#include "base/team.h"
#include "base/text.h"
#include "lab/files.h"
#include "lab/folder.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"
#include "ravine/runtime.h"
#include "report/sections.h"
#include "train/fit.h"
#include "train/run.h"

namespace ravine::lab {
namespace {

// All that the data of a config depend on.
std::string data_key(TrainConfig config) {
  std::string key = config.data + '\n' + config.data_dir;
  for (const OptionRef& option : list_options(config.table)) key += '\n' + value_text(option);
  if (parse_double(config.table.test)) key += fmt::format("\n{}", config.seed);  // chosen by seed
  return key;
}

// The data of a study's configs, each loaded once.
class DataSets {
 public:
  explicit DataSets(const DataOptions& places) : places_(places) {}

  std::shared_ptr<const TrainTest> get(const TrainConfig& config) {
    const std::lock_guard lock(mutex_);
    auto& data = sets_[data_key(config)];
    if (!data) data = std::make_shared<const TrainTest>(load_data(config, places_));
    return data;
  }

 private:
  const DataOptions places_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const TrainTest>> sets_;
};

class OneThread {
 public:
  OneThread() { set_threads(1); }
  ~OneThread() { set_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  const int before_ = threads();
};

// Of a run's work; where only tolerance or patience may end it, of the most that can come.
double share_done(const TrainConfig& config, const EpochRecord& epoch) {
  const double by_steps = config.steps > 0 ? double(epoch.step) / double(config.steps) : 0;
  const double by_epochs = config.epochs > 0 ? double(epoch.epoch) / double(config.epochs) : 0;
  return std::min(1.0, std::max(by_steps, by_epochs));
}

}  // namespace

struct Study::Body {
  Body(Plan plan, const TrainConfig& config, const StudyOptions& study)
      : options(study),
        data(study.places),
        first(data.get(config)),
        folder(study.out, with_data(std::move(plan), *first)) {}

  // A file of the same name may hold other data when a study goes on.
  static Plan with_data(Plan plan, const TrainTest& data) {
    plan.push_back({"contents of the data", digest(data)});
    return plan;
  }

  const StudyOptions options;
  DataSets data;
  const std::shared_ptr<const TrainTest> first;
  StudyFolder folder;
  std::atomic<bool> halt = false;  // an error, or options.stop
  bool interrupted = false;

  // ---- one call of run() ----
  const char* part = "";
  std::span<const PlannedRun> planned;
  std::vector<std::optional<StudyRun>> runs;
  std::vector<size_t> waiting;  // of the planned ones
  std::atomic<size_t> next = 0;
  std::mutex mutex;  // of what follows, and of on_event
  std::vector<double> done;
  int64_t finished = 0;
  std::exception_ptr error;

  bool halted() {
    if (options.stop && options.stop->load()) halt = true;
    return halt;
  }

  void tell(const StudyRun* run, bool read) {
    if (!options.on_event) return;
    const double sum = std::accumulate(done.begin(), done.end(), 0.0);
    options.on_event({.part = part,
                      .planned = int64_t(planned.size()),
                      .finished = finished,
                      .fraction = sum / double(std::max<size_t>(done.size(), 1)),
                      .run = run,
                      .read = read,
                      .accuracy = first->train.classes() > 0});
  }

  void read_finished() {
    for (size_t i = 0; i < planned.size(); ++i) {
      if ((runs[i] = folder.finished(planned[i]))) {
        done[i] = 1, ++finished;
        tell(&*runs[i], true);
      } else {
        waiting.push_back(i);
      }
    }
  }

  StudyRun train(size_t index) {
    const PlannedRun& plan = planned[index];
    const auto set = data.get(plan.config);
    ReadyRun ready = ready_run(plan.config, *set);
    StudyRun run{.name = plan.name, .what = plan.what, .config = ready.config, .epochs = {}};
    ready.fitting.stop = &halt;
    ready.fitting.callbacks = {{.on_batch = [&](const BatchEvent&) { halted(); },
                                .on_epoch =
                                    [&](const EpochRecord& epoch) {
                                      run.epochs.push_back(epoch);
                                      const std::lock_guard lock(mutex);
                                      done[index] = share_done(run.config, epoch);
                                      tell(nullptr, false);
                                    }}};
    try {
      run.ended = fit(ready.model, set->train, {}, ready.fitting).stopped;
    } catch (const Diverged& e) {
      run.ended = "diverged", run.error = e.what();
      return run;
    }
    if (plan.test && set->test.size() > 0 && !halted()) {
      run.test = evaluate(ready.model, set->test, {.loss = run.config.loss});
    }
    return run;
  }

  void finish(size_t index) {
    StudyRun run = train(index);
    if (run.ended == "interrupted" || halted()) return;
    folder.write(run, planned[index]);
    const std::lock_guard lock(mutex);
    done[index] = 1, ++finished;
    runs[index] = std::move(run);
    tell(&*runs[index], false);
  }

  void work() {
    for (size_t i; !halted() && (i = next++) < waiting.size();) {
      try {
        finish(waiting[i]);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        halt = true;
      }
    }
  }

  void run_waiting() {
    const size_t wanted =
        options.workers > 0 ? size_t(options.workers) : size_t(usable_processors());
    const OneThread one_thread;
    std::vector<std::thread> workers;
    for (size_t i = 0; i < std::min(wanted, waiting.size()); ++i) {
      workers.emplace_back([this] { work(); });
    }
    for (std::thread& worker : workers) worker.join();
  }
};

Study::Study(Plan plan, const TrainConfig& config, const StudyOptions& options) {
  if (options.workers < 0 || options.workers > 1024) {
    throw UsageError(fmt::format("workers must be from 1 to 1024, got {}", options.workers));
  }
  body_ = std::make_unique<Body>(std::move(plan), config, options);
}

Study::~Study() = default;

const TrainTest& Study::data() const { return *body_->first; }
bool Study::interrupted() const { return body_->interrupted; }

// What differs in the optimizer's numbers or the seed alone needs no second model.
void Study::check(std::span<const PlannedRun> runs) {
  std::set<std::string> seen;
  for (const PlannedRun& run : runs) {
    try {
      TrainConfig config = run.config;
      config.optimizer = OptimizerSpec(config.optimizer).rule_name(), config.seed = 0;
      if (seen.insert(digest(PlannedRun{"", "", config})).second) {
        (void)ready_run(run.config, *body_->data.get(run.config));
      }
    } catch (const UsageError& e) {
      throw UsageError(fmt::format("{}: {}", run.name, e.what()));
    }
  }
}

std::vector<StudyRun> Study::run(std::span<const PlannedRun> planned, const char* part) {
  Body& b = *body_;
  check(planned);
  b.folder.create();
  b.planned = planned, b.part = part;
  b.runs.assign(planned.size(), std::nullopt);
  b.done.assign(planned.size(), 0);
  b.waiting.clear(), b.next = 0, b.finished = 0;
  b.read_finished();
  b.run_waiting();
  if (b.error) std::rethrow_exception(b.error);
  std::vector<StudyRun> finished;
  for (auto& run : b.runs) {
    if (run) finished.push_back(std::move(*run));
  }
  b.interrupted |= finished.size() < planned.size();
  return finished;
}

std::vector<PlannedRun> runs_at(const TrainConfig& config, std::span<const Point> points,
                                const std::string& prefix) {
  std::vector<PlannedRun> runs;
  const size_t digits = fmt::format("{}", points.size()).size();
  for (const Point& point : points) {
    runs.push_back({fmt::format("{}{:0{}}", prefix, runs.size() + 1, digits), point_text(point),
                    at_point(config, point)});
  }
  return runs;
}

Plan make_plan(std::string_view kind, Plan own, const TrainConfig& config) {
  Plan plan = {{"study", std::string(kind)}, {"ravine", version()}, {"instruction set", isa()}};
  plan.insert(plan.end(), own.begin(), own.end());
  TrainConfig copy = config;
  for (const OptionRef& option : list_options(copy)) {
    plan.push_back({option.option.name, value_text(option)});
  }
  return plan;
}

std::filesystem::path folder_of(const Plan& plan) {
  const auto text_of = [&](std::string_view name) {
    return std::ranges::find(plan, name, &Setting::name)->text;
  };
  const std::string data = std::filesystem::path(text_of("data")).stem().string();
  return std::filesystem::path("runs") /
         fmt::format("{}-{}-{}", text_of("study"), data, digest(plan_json(plan)).substr(0, 8));
}

TrainConfig with_validation(TrainConfig config) {
  if (config.validation == 0) config.validation = 0.1;
  return config;
}

std::string metric_of(const std::string& by, const Dataset& train) {
  const bool labels = train.classes() > 0;
  if (by == "accuracy" && !labels) {
    throw UsageError("by: the data have no classes, so no accuracy; take loss");
  }
  return by != "auto" ? by : labels ? "accuracy" : "loss";
}

std::vector<size_t> ranking_of(std::span<const StudyRun> runs, const std::string& by) {
  std::vector<size_t> order(runs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    const double x = runs[a].rank(by), y = runs[b].rank(by);
    return x != y ? x < y : runs[a].rank("loss") < runs[b].rank("loss");
  });
  return order;
}

}  // namespace ravine::lab

namespace ravine {

double StudyRun::validation(std::string_view metric) const {
  if (epochs.empty()) return Scores::kNone;
  const Scores& scores = epochs.back().validation;
  return metric == "accuracy" ? scores.accuracy : scores.loss;
}

double StudyRun::rank(std::string_view metric) const {
  const double value = validation(metric);
  if (diverged() || !std::isfinite(value)) return std::numeric_limits<double>::infinity();
  return metric == "accuracy" ? -value : value;
}

std::string train_command(const TrainConfig& config) { return report::command_of(config); }

double StudyRun::seconds() const {
  double sum = 0;
  for (const EpochRecord& epoch : epochs) sum += epoch.seconds;
  return sum;
}

}  // namespace ravine
