#include "lab/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "lab/files.h"
#include "ravine/error.h"

namespace ravine::lab {
namespace {

namespace fs = std::filesystem;

const std::string* text_in(const Plan& plan, std::string_view name) {
  const auto found = std::ranges::find(plan, name, &Setting::name);
  return found == plan.end() ? nullptr : &found->text;
}

std::string shown(const std::string* text) {
  if (text == nullptr) return "not there";
  return text->empty() ? "nothing" : *text;
}

// "trials: 10 there, 20 now; seed: ...".
std::string differences(const Plan& there, const Plan& now) {
  std::string text;
  const auto add = [&](const Setting& s) {
    const std::string *a = text_in(there, s.name), *b = text_in(now, s.name);
    if (a && b && *a == *b) return;
    text +=
        fmt::format("{}{}: {} there, {} now", text.empty() ? "" : "; ", s.name, shown(a), shown(b));
  };
  for (const Setting& s : now) add(s);
  for (const Setting& s : there) {
    if (!text_in(now, s.name)) add(s);
  }
  return text;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (fs::is_directory(path)) return;
  throw Error(fmt::format("cannot make the folder {}: {}", path_text(path),
                          error ? error.message() : "a file has that name"));
}

// What SIGKILL left half-written.
void remove_parts(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension().string().starts_with(".part")) fs::remove(entry.path(), error);
  }
}

}  // namespace

StudyFolder::StudyFolder(fs::path path, Plan plan)
    : path_(std::move(path)), plan_(std::move(plan)) {
  std::error_code error;
  if (path_.empty() || !fs::exists(path_, error)) return;
  lock();
  try {
    check();
  } catch (...) {
    ::close(lock_);
    throw;
  }
}

StudyFolder::~StudyFolder() {
  if (lock_ >= 0) ::close(lock_);
}

// The lock goes with the process, however that ends.
void StudyFolder::lock() {
  if (lock_ >= 0) return;
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) throw Error(fmt::format("cannot open the folder {}", path_text(path_)));
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  lock_ = -1;
  throw Error(fmt::format("another process works on the study in {}; wait for it, or end it",
                          path_text(path_)));
}

void StudyFolder::check() const {
  std::error_code error;
  if (!fs::exists(path_ / kPlanFile, error)) {
    remove_parts(path_);
    if (fs::is_empty(path_, error) && !error) return;
    throw UsageError(fmt::format("{} is not empty, and no study began there; choose another folder",
                                 path_text(path_)));
  }
  const std::string differ = differences(read_plan(path_ / kPlanFile), plan_);
  if (!differ.empty()) {
    throw UsageError(
        fmt::format("the study in {} began with other options ({}); give the same "
                    "ones, or choose another folder",
                    path_text(path_), differ));
  }
}

void StudyFolder::create() {
  if (path_.empty()) return;
  make_folder(path_);
  lock();
  remove_parts(path_), remove_parts(path_ / kRunsFolder);
  // The plan comes first: what ends here, as on a full disk, leaves a folder that is not foreign.
  std::error_code error;
  if (!fs::exists(path_ / kPlanFile, error)) write_file(path_ / kPlanFile, plan_json(plan_));
  make_folder(path_ / kRunsFolder);
}

fs::path StudyFolder::file(const PlannedRun& run) const {
  return path_ / kRunsFolder / (run.name + ".json");
}

std::optional<StudyRun> StudyFolder::finished(const PlannedRun& run) const {
  std::error_code error;
  if (path_.empty() || !fs::exists(file(run), error)) return std::nullopt;
  return read_run(file(run), run);
}

void StudyFolder::write(const StudyRun& run, const PlannedRun& planned) const {
  if (!path_.empty()) write_file(file(planned), run_json(run, planned));
}

}  // namespace ravine::lab
