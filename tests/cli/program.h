// Runs the program `ravine` in a folder of its own, whose name has a blank and a non-ASCII letter.
#pragma once
#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ravine {

struct Outcome {
  int code = -1;         // exit code; -signal if it was killed
  std::string out, err;  // a terminal's output is all in `out`
  long peak_kib = 0;     // most memory that it held
};

struct Call {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment = {};
  int columns = 0;  // > 0: on a terminal of that width
  int output = -1;  // descriptor that takes standard output, if >= 0
  // `then` is called with the process and its terminal as soon as `until` is true of the output so
  // far; without `until` after a tenth of a second.
  std::function<bool(const std::string&)> until = {};
  std::function<void(pid_t, int)> then = {};
};

class ProgramTest : public testing::Test {
 protected:
  ProgramTest();
  ~ProgramTest() override;

  Outcome run(const Call& call) const;
  Outcome run(std::vector<std::string> arguments) const { return run(Call{std::move(arguments)}); }

  // A training that takes some milliseconds, on the set of write_digits().
  std::vector<std::string> train(std::vector<std::string> more) const;

  // `code`, and exactly one line on standard error that begins with "ravine: " and has `text` in
  // it; nothing on standard output; no file has come.
  void expect_refused(const Call& call, int code, const std::string& text) const;
  void expect_refused(std::vector<std::string> arguments, int code, const std::string& text) const {
    expect_refused(Call{std::move(arguments)}, code, text);
  }

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  std::string read(const std::string& name) const;
  void write(const std::string& name, const std::string& bytes) const;
  std::vector<std::string> files() const;  // below the folder, sorted

  // A set of four IDX files in the folder `name`: two strokes with noise that a small network tells
  // apart. 203 images of 8 x 8 to train, 57 to test.
  void write_digits(const std::string& name = "set") const;

 private:
  std::filesystem::path folder_;
};

// Column `name` of a CSV text, as written.
std::vector<std::string> csv_column(const std::string& csv, const std::string& name);
std::vector<std::string> lines_of(const std::string& text);

}  // namespace ravine
