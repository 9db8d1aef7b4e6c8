#include "base/team.h"

#include <chrono>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace ravine::team {
namespace {

thread_local bool inside = false;  // of a region

inline void relax() {
#if defined(__SSE2__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until `value` is not `old`: awake for a while, since the regions of a step follow each
// other within microseconds, then asleep, since on a busy machine the one waited for needs the
// processor.
void wait_while(const std::atomic<int>& value, int old, bool awake) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kAwake = std::chrono::microseconds(50);
  for (const auto end = Clock::now() + kAwake; awake && Clock::now() < end;) {
    for (int i = 0; i < 32; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      relax();
    }
  }
  value.wait(old, std::memory_order_acquire);
}

class Team {
 public:
  void run(int count, Member member, void* context) {
    const std::unique_lock lock(busy_, std::try_to_lock);
    if (!lock) return alone(member, context);  // another thread's region has the workers
    while (int(workers_.size()) < count - 1) hire();
    member_ = member, context_ = context, count_ = count;
    awake_ = count <= processors_;
    left_.store(count - 1, std::memory_order_relaxed);
    for (int i = 1; i < count; ++i) {
      std::atomic<int>& round = workers_[i - 1];
      round.store(round.load(std::memory_order_relaxed) ^ 1, std::memory_order_release);
      round.notify_one();
    }
    inside = true;
    member(context, 0, count);
    inside = false;
    for (int left; (left = left_.load(std::memory_order_acquire)) != 0;) {
      wait_while(left_, left, awake_);
    }
  }

  static void alone(Member member, void* context) {
    const bool before = std::exchange(inside, true);
    member(context, 0, 1);
    inside = before;
  }

 private:
  void hire() {
    std::atomic<int>& round = workers_.emplace_back(0);
    try {
      std::thread(&Team::work, this, int(workers_.size()), &round).detach();
    } catch (...) {
      workers_.pop_back();
      throw;
    }
  }

  void work(int index, const std::atomic<int>* round) {
    inside = true;
    bool awake = true;
    for (int seen = 0;; seen ^= 1) {
      while (round->load(std::memory_order_acquire) == seen) wait_while(*round, seen, awake);
      awake = awake_;
      member_(context_, index, count_);
      if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
    }
  }

  const int processors_ = usable_processors();
  std::mutex busy_;
  std::deque<std::atomic<int>> workers_;  // each one's round, of two that alternate
  Member member_ = nullptr;
  void* context_ = nullptr;
  int count_ = 0;
  bool awake_ = false;
  alignas(64) std::atomic<int> left_ = 0;  // workers still in the region
};

}  // namespace

void run(int count, Member member, void* context) {
  if (inside) return Team::alone(member, context);
  static Team* const team = new Team;  // never destroyed: its workers sleep until the process ends
  team->run(count, member, context);
}

}  // namespace ravine::team
