// The team on std::thread, one set of threads a region: slow, but the thread sanitizer sees all.
#include <thread>
#include <vector>

#include "base/team.h"

namespace ravine::team {
namespace {
thread_local bool inside = false;
}

void run(int count, Member member, void* context) {
  if (inside) return member(context, 0, 1);
  const auto work = [&](int index) {
    inside = true;
    member(context, index, count);
    inside = false;
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < count; ++i) workers.emplace_back(work, i);
  work(0);
  for (std::thread& worker : workers) worker.join();
}

}  // namespace ravine::team
