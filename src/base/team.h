// The thread team: the one place where Ravine runs in parallel.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>

#include "ravine/runtime.h"

namespace ravine {

int usable_processors();  // by this process; src/base/runtime.cc

namespace team {
using Member = void (*)(void* context, int index, int count);
// Calls member(context, i, n) once for each i in [0, n), together; n is `count`, or 1 inside of
// another region, or while another thread's region has the workers. Between regions the workers
// wait awake for 50 microseconds, then asleep (docs/design/0003-threads.md).
void run(int count, Member member, void* context);
}  // namespace team

// Calls body(begin, end) on parts of [0, count), a contiguous one a thread, cut at multiples of
// `grain`. What a body throws is thrown here, after all have ended.
template <class Body>
void parallel_ranges(size_t count, size_t grain, const Body& body) {
  const size_t pieces = (count + grain - 1) / grain;
  const int wanted = int(std::min(pieces, size_t(threads())));
  if (wanted <= 1) {
    if (count > 0) body(size_t{0}, count);
    return;
  }
  struct Context {
    const Body& body;
    size_t count, grain, pieces;
    std::exception_ptr error{};
    std::atomic_flag failed{};
  } context{body, count, grain, pieces};
  const auto member = [](void* opaque, int index, int size) {
    auto& c = *static_cast<Context*>(opaque);
    const auto cut = [&](size_t i) { return std::min(c.count, c.pieces * i / size * c.grain); };
    try {
      if (cut(index) < cut(index + 1)) c.body(cut(index), cut(index + 1));
    } catch (...) {
      if (!c.failed.test_and_set()) c.error = std::current_exception();
    }
  };
  team::run(wanted, member, &context);
  if (context.error) std::rethrow_exception(context.error);
}

// Calls body(i) for each i in [0, count), spread over the team.
template <class Body>
void parallel_for(size_t count, const Body& body) {
  parallel_ranges(count, 1, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace ravine
