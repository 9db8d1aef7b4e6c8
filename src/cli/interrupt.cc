#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace ravine::cli {
namespace {

std::atomic<bool> stop = false, deferred = false, line_drawn = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // so a handler may use it

void on_signal(int) {
  const int error = errno;
  if (!deferred || stop.exchange(true)) {
    if (line_drawn) (void)!::write(STDOUT_FILENO, "\r\x1b[K", 4);
    ::_exit(kInterrupted);
  }
  errno = error;
}

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
  }
}

void defer_interrupts() { deferred = true; }
const std::atomic<bool>* stop_flag() { return &stop; }
void request_stop() { stop = true; }
void set_line_drawn(bool drawn) { line_drawn = drawn; }

}  // namespace ravine::cli
