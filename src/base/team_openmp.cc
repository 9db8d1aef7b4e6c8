// The team on OpenMP: libgomp, the runtime that oneDNN brings too. Its workers spin before sleep.
#include <omp.h>

#include "base/team.h"

namespace ravine::team {

void run(int count, Member member, void* context) {
  if (omp_in_parallel()) return member(context, 0, 1);
#pragma omp parallel num_threads(count)
  member(context, omp_get_thread_num(), omp_get_num_threads());
}

}  // namespace ravine::team
