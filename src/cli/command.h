// What a command of the program is: one file, and one line in the list of commands.cc.
#pragma once
#include <span>
#include <string>

#include "parse.h"
#include "screen.h"

namespace ravine::cli {

struct Command {
  const char* name;
  const char* summary;
  int (*run)(Screen& screen, Arguments arguments);  // returns the exit code
};

std::span<const Command> commands();

int run_train(Screen& screen, Arguments arguments);
int run_compare(Screen& screen, Arguments arguments);
int run_tune(Screen& screen, Arguments arguments);
int run_eval(Screen& screen, Arguments arguments);
int run_predict(Screen& screen, Arguments arguments);
int run_diagnose(Screen& screen, Arguments arguments);
int run_report(Screen& screen, Arguments arguments);
int run_data(Screen& screen, Arguments arguments);
int run_trace(Screen& screen, Arguments arguments);
int run_landscape(Screen& screen, Arguments arguments);
int run_replay(Screen& screen, Arguments arguments);
int run_optimizers(Screen& screen, Arguments arguments);
int run_layers(Screen& screen, Arguments arguments);

}  // namespace ravine::cli
