// Elementary functions whose bits do not depend on the machine: libm has other bits with FMA than
// without. Separate + - * / and sqrt only; within 2 units in the last place of the true value.
#pragma once
#include <cstdint>

namespace ravine::math {

inline constexpr double kPi = 3.14159265358979323846;

double exp(double x);
double log(double x);                          // x < 0: NaN; 0: -infinity
double sin(double x);                          // NaN where |x| > 1e5
double cos(double x);                          // as sin
double pow(double base, double exponent);      // base >= 0; whole exponents by power()
double power(double base, uint64_t exponent);  // by repeated squaring

}  // namespace ravine::math
