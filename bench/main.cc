// ravine_bench: how near to the machine's limits Ravine runs, and which bars hold.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "base/text.h"
#include "bench/bars.h"
#include "bench/harness.h"
#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine::bench {
namespace {

constexpr const char* kUsage = R"(usage: ravine_bench [GROUP ...] [options]
  GROUP          step, storage, epoch, budget; build (a full one, once); optim (every rule, many
                 tensors, dead gradients, storage at 100M; within 10 minutes);
                 --group G is the same
                 (the first four; with --json: step)
  --name NAME    a case: a spec as typed (rmsprop,momentum=0.9), a network (784-128-dropout-10),
                 start, memory or compile; may be repeated (all)
  --size S       100k, 1M, 25M, 100M or resnet50; of optim also many (3,000 tensors) and dead
                 (gradients); may be repeated (all)
  --threads N,M  (1,2)
  --pairs N      interleaved pairs a ratio (15)
  --runs N       a bar holds when it is met in two thirds of these runs (3; with --json: 1)
  --json         only JSON on standard output
)";

struct Request {
  Selection selection;
  std::vector<std::string> groups;
  int runs = 0;
  bool json = false, help = false;
  bool wants(std::string_view group) const {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  }
};

int positive(std::string_view option, std::string_view text) {
  const auto value = parse_int(text);
  if (value && *value >= 1 && *value <= 1'000'000) return int(*value);
  throw UsageError(fmt::format("{}: a whole number >= 1, got '{}'", option, text));
}

std::string one_of(std::string_view option, std::string_view text, std::vector<std::string> list) {
  if (std::find(list.begin(), list.end(), text) != list.end()) return std::string(text);
  throw UsageError(fmt::format("{}: one of {}, got '{}'", option, join(list, ", "), text));
}

const std::vector<std::string> kGroups = {"step", "storage", "epoch", "budget", "build", "optim"};

void set(Request& request, std::string_view option, std::string_view value) {
  Selection& s = request.selection;
  if (option == "--group") {
    request.groups.push_back(one_of(option, value, kGroups));
  } else if (option == "--name") {
    s.names.emplace_back(value);
  } else if (option == "--size") {
    std::vector<std::string> sizes = step_sizes();
    sizes.insert(sizes.end(), {"many", "dead"});
    s.sizes.push_back(one_of(option, value, sizes));
  } else if (option == "--threads") {
    s.threads.clear();
    for (std::string_view part : split(value, ',')) s.threads.push_back(positive(option, part));
  } else if (option == "--pairs") {
    s.pairs = positive(option, value);
  } else if (option == "--runs") {
    request.runs = positive(option, value);
  } else {
    throw UsageError(fmt::format("there is no option '{}'; see --help", option));
  }
}

Request parse(std::span<char*> arguments) {
  Request request;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--json") {
      request.json = true;
    } else if (option == "--help") {
      request.help = true;
    } else if (!option.starts_with("-")) {
      request.groups.push_back(one_of("group", option, kGroups));
    } else if (i + 1 < arguments.size()) {
      set(request, option, arguments[++i]);
    } else {
      throw UsageError(fmt::format("{}: no such option, or its value is missing", option));
    }
  }
  if (request.groups.empty()) {
    request.groups = {"step"};
    if (!request.json) request.groups = {"step", "storage", "epoch", "budget"};
  }
  if (request.runs == 0) request.runs = request.json ? 1 : 3;
  return request;
}

// ---- what is printed ----

std::string text(const Spread& s) {
  return fmt::format("{:5.2f} ({:.2f}-{:.2f})", s.median, s.low, s.high);
}

void print(const StepResult& r) {
  const std::string hardware =
      r.over_hardware.median > 0
          ? fmt::format("   {} x the hardware's division", text(r.over_hardware))
          : "";
  fmt::print("{:<28} {:>8} {}T   {} of {:5.1f} GB/s   own {} of {:5.1f} GB/s{}\n", r.name, r.size,
             r.threads, text(r.ratio), r.reference_gb_s, text(r.own_ratio), r.own_reference_gb_s,
             hardware);
  std::fflush(stdout);
}

void print(const RuleResult& r) {
  const std::string hardware =
      r.over_hardware.median > 0
          ? fmt::format("   {} x the hardware's division", text(r.over_hardware))
          : "";
  fmt::print("{:<34} {:>8} {}T   own {} of {:5.1f} GB/s{}\n", r.name, r.size, r.threads,
             text(r.ratio), r.reference_gb_s, hardware);
  std::fflush(stdout);
}

void print(const CostResult& r) {
  fmt::print("{:<20} {:>22} {}T   {} x one tensor, ordinary gradients\n", r.name, r.what, r.threads,
             text(r.ratio));
  std::fflush(stdout);
}

void print(const StorageResult& r) {
  fmt::print("{:<34} {:>8} {}T   {:4.1f} bytes   {} x faster than RMSprop in float32\n", r.name,
             r.size, r.threads, r.bytes, text(r.ratio));
  std::fflush(stdout);
}

void print(const EpochResult& r) {
  fmt::print("{:<28} {}T   {} x its products   {:.3f} s   {:.2f} of {:.0f} GFLOP/s\n", r.name,
             r.threads, text(r.ratio), r.seconds, r.flop_share, r.peak_gflop_s);
  std::fflush(stdout);
}

void print(const BudgetResult& r) {
  fmt::print("{:<40} {:8.2f} {}\n", r.name, r.value, r.unit);
  std::fflush(stdout);
}

// One list; a step's items have their own traffic beside the common reference.
class Json {
 public:
  void add(const StepResult& r) {
    item(r.name, r.size, r.threads, r.ratio,
         fmt::format(R"("reference_gb_s": {:.3f}, "own_ratio": {:.4f}, "own_low": {:.4f}, )"
                     R"("own_high": {:.4f}, "own_reference_gb_s": {:.3f})",
                     r.reference_gb_s, r.own_ratio.median, r.own_ratio.low, r.own_ratio.high,
                     r.own_reference_gb_s));
  }
  void add(const RuleResult& r) {
    item(r.name, r.size, r.threads, r.ratio,
         fmt::format(R"("reference_gb_s": {:.3f})", r.reference_gb_s));
  }
  void add(const CostResult& r) {
    line(fmt::format(R"({{"name": "{}", "size": "{}", "threads": {}, "ratio": {:.4f}, )"
                     R"("low": {:.4f}, "high": {:.4f}}})",
                     r.name, r.what, r.threads, r.ratio.median, r.ratio.low, r.ratio.high));
  }
  void add(const StorageResult& r) {
    item(r.name, r.size, r.threads, r.ratio, fmt::format(R"("bytes": {:.3f})", r.bytes));
  }
  void add(const EpochResult& r) {
    item(r.name, "epoch", r.threads, r.ratio,
         fmt::format(R"("seconds": {:.5f}, "flop_share": {:.4f})", r.seconds, r.flop_share));
  }
  void add(const BudgetResult& r) {
    line(
        fmt::format(R"({{"name": "{}", "value": {:.4f}, "unit": "{}"}})", r.name, r.value, r.unit));
  }
  std::string text() const { return "[" + items_ + "\n]\n"; }

 private:
  void item(std::string_view name, std::string_view size, int threads, const Spread& ratio,
            const std::string& more) {
    line(fmt::format(R"({{"name": "{}", "size": "{}", "threads": {}, "ratio": {:.4f}, )"
                     R"("low": {:.4f}, "high": {:.4f}, {}}})",
                     name, size, threads, ratio.median, ratio.low, ratio.high, more));
  }
  void line(const std::string& text) { items_ += (items_.empty() ? "\n  " : ",\n  ") + text; }
  std::string items_;
};

int run(const Request& request) {
  Bars bars;
  Json json;
  const auto report = [&](const auto& result) {
    bars.judge(result);
    request.json ? json.add(result) : print(result);
  };
  if (!request.json) {
    fmt::print(
        "{}A step's ratio is time(traffic) / time(step): RMSprop's traffic, then its own. "
        "Median (10-90 %).\n\n",
        version_report());
  }
  for (int i = 0; i < request.runs; ++i) {
    if (!request.json && request.runs > 1) fmt::print("---- run {} of {}\n", i + 1, request.runs);
    if (request.wants("step")) run_steps(request.selection, report);
    if (request.wants("optim")) {
      run_optim(request.selection, report, report);
      Selection storage = request.selection;
      storage.sizes = {"100M"}, storage.threads = {2};
      if (request.selection.takes("", "100M") && !request.wants("storage"))
        run_storage(storage, report);
    }
    if (request.wants("storage")) run_storage(request.selection, report);
    if (request.wants("epoch")) run_epochs(request.selection, report);
    if (request.wants("budget")) run_budgets(request.selection, report);
  }
  if (request.wants("build")) run_build(report);
  request.json ? fmt::print("{}", json.text()) : fmt::print("\n{}", bars.table());
  return 0;
}

}  // namespace
}  // namespace ravine::bench

int main(int argc, char** argv) {
  try {
    const auto request = ravine::bench::parse(std::span(argv + 1, size_t(argc - 1)));
    if (!request.help) return ravine::bench::run(request);
    fmt::print("{}", ravine::bench::kUsage);
    return 0;
  } catch (const ravine::UsageError& error) {
    fmt::print(stderr, "ravine_bench: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ravine_bench: {}\n", error.what());
    return 1;
  }
}
