// What a comparison needs of statistics. Whole degrees of freedom, and no function of libm but
// sqrt.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "ravine/lab.h"

namespace ravine::lab {

// Student's t with `df` degrees of freedom: the chance that |t| is at least `t`; NaN for df < 1.
double t_two_sided(double t, int64_t df);
// The t > 0 with t_two_sided(t, df) = p, for p in (0, 1).
double t_quantile(double p, int64_t df);

Estimate estimate(std::span<const double> values);

// Of differences a pair: the chance of so large a mean if there is no difference. 1 where they are
// all 0, 0 where they are all the same; NaN below 2.
double paired_p(std::span<const double> differences);

// Holm's correction (1979): what each p is among all of these. NaN stays, and does not count.
std::vector<double> holm(std::span<const double> p);

}  // namespace ravine::lab
