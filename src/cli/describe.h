// ravine data describe.
#pragma once
#include <string>

#include "ravine/describe.h"
#include "screen.h"

namespace ravine::cli {

struct DescribeFlags {
  std::string test, label, separator = "auto", header = "auto";

  template <class F>
  void options(F f) {
    f(Option{"test", "a FILE of the same columns: how many of its rows are in this one"}, test);
    f(Option{"label", "whose values are counted, a column's name or number; the last if not given"},
      label);
    f(Option{"separator", "auto, comma, semicolon, tab, space or the character itself"}, separator);
    f(Option{"header", "whether the first row names the columns", kAny, "auto|yes|no"}, header);
  }
  friend bool operator==(const DescribeFlags&, const DescribeFlags&) = default;
};

int describe(Screen& screen, const std::string& name, const DescribeFlags& flags);

}  // namespace ravine::cli
