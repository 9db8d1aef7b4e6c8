#include "ravine/schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/math.h"
#include "base/text.h"
#include "optim/assignments.h"
#include "optim/spec.h"
#include "ravine/error.h"

namespace ravine {
namespace {

// The formulas: the multiplier after k updates.

double multiplier(const ConstantOptions&, int64_t) { return 1; }

double multiplier(const InverseTimeOptions& o, int64_t k) { return 1 / (1 + o.decay * double(k)); }

double multiplier(const StepOptions& o, int64_t k) {
  return math::power(o.factor, uint64_t(k / o.every));
}

double multiplier(const ExponentialOptions& o, int64_t k) {
  return math::pow(o.rate, double(k) / double(o.per));
}

double multiplier(const CosineOptions& o, int64_t k) {
  if (k < o.warmup) return double(k + 1) / double(o.warmup + 1);
  if (k >= o.total) return o.floor;
  const double progress = double(k - o.warmup) / double(o.total - o.warmup);
  return o.floor + (1 - o.floor) * (0.5 * (1 + math::cos(math::kPi * progress)));
}

// The list: a schedule is a struct in the header, its formula above and a line here.
struct Entry {
  const char* name;
  const char* help;
  Schedule::Form form;
};

const Entry kSchedules[] = {
    {"constant", "1", ConstantOptions{}},
    {"inverse_time", "1 / (1 + decay k)", InverseTimeOptions{}},
    {"step", "factor^floor(k / every)", StepOptions{}},
    {"exponential", "rate^(k / per)", ExponentialOptions{}},
    {"cosine",
     "(k + 1) / (warmup + 1) while k < warmup; then floor + (1 - floor) (1 + cos(pi x)) / 2, "
     "x = (k - warmup) / (total - warmup); floor from k = total on",
     CosineOptions{}},
};

const Entry& entry_of(const Schedule::Form& form) { return kSchedules[form.index()]; }

std::vector<OptionRef> options_of(Schedule::Form& form) {
  return std::visit([](auto& options) { return list_options(options); }, form);
}

const Entry& find_schedule(std::string_view name) {
  std::vector<std::string> names;
  for (const Entry& entry : kSchedules) {
    if (name == entry.name) return entry;
    names.emplace_back(entry.name);
  }
  throw UsageError(fmt::format("schedule: no schedule '{}'{} (there are {})", name,
                               suggestion(name, names), join(names, ", ")));
}

Schedule::Form parse(std::string_view whole) {
  const std::string_view text = trim(whole);
  const size_t open = text.find('(');
  if (open != text.npos && !text.ends_with(')')) {
    throw UsageError(fmt::format("schedule: '{}' does not end with its ')'", text));
  }
  const Entry& entry = find_schedule(trim(text.substr(0, open)));
  Schedule::Form form = entry.form;
  if (open == text.npos) return form;
  const std::string owner = fmt::format("schedule {}", entry.name);
  const auto options = options_of(form);
  for (const auto& [name, value] :
       parse_assignments(owner, text.substr(open + 1, text.size() - open - 2))) {
    set_option(owner, options, name, value);
  }
  return form;
}

}  // namespace

Schedule::Schedule(const Form& form) : form_(form) {
  check_options(fmt::format("schedule {}", entry_of(form_).name), options_of(form_));
  const auto* cosine = std::get_if<CosineOptions>(&form_);
  if (cosine && cosine->warmup >= cosine->total) {
    throw UsageError(fmt::format("schedule cosine: warmup must be less than total, got {} and {}",
                                 cosine->warmup, cosine->total));
  }
}

Schedule::Schedule(std::string_view text) : Schedule(parse(text)) {}

double Schedule::operator()(int64_t k) const {
  return std::visit([&](const auto& options) { return multiplier(options, k); }, form_);
}

std::string Schedule::text() const {
  Form form = form_, defaults = entry_of(form_).form;
  const std::string options = assignments_text(options_of(form), options_of(defaults));
  const char* name = entry_of(form_).name;
  return options.empty() ? name : fmt::format("{}({})", name, options);
}

std::string schedule_in_float32(std::string_view text) {
  Schedule::Form form = parse(text);
  for (const OptionRef& ref : options_of(form)) {
    if (double* const* x = std::get_if<double*>(&ref.value)) **x = double(float(**x));
  }
  return Schedule(form).text();
}

Schedule constant() { return Schedule(); }
Schedule inverse_time(const InverseTimeOptions& options) { return Schedule(options); }
Schedule step_decay(const StepOptions& options) { return Schedule(options); }
Schedule exponential(const ExponentialOptions& options) { return Schedule(options); }
Schedule cosine(const CosineOptions& options) { return Schedule(options); }

std::vector<ScheduleHelp> schedule_help() {
  std::vector<ScheduleHelp> list;
  for (const Entry& entry : kSchedules) {
    Schedule::Form form = entry.form;
    list.push_back({entry.name, entry.help, options_help(options_of(form))});
  }
  return list;
}

}  // namespace ravine
