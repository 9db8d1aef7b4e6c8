// Operations on tensors, each differentiable in every floating argument. Dtypes must agree.
// Elementwise ones broadcast as NumPy does. Each throws Error on shapes that do not fit, and says
// which. float32 runs on the kernels and oneDNN; float64 on plain loops, for checks.
#pragma once
#include "ravine/tensor.h"

namespace ravine {

Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);
Tensor operator*(const Tensor& a, double b);
Tensor operator/(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(double a, const Tensor& b);
Tensor operator-(const Tensor& a);

Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor abs(const Tensor& x);  // gradient 0 at 0
Tensor relu(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sin(const Tensor& x);  // NaN where |x| > 1e5
Tensor cos(const Tensor& x);
Tensor pow(const Tensor& x, double exponent);  // NaN: x < 0, and the exponent is not whole

Tensor sum(const Tensor& x);  // of all elements, a scalar
Tensor mean(const Tensor& x);

Tensor matmul(const Tensor& a, const Tensor& b);  // [m, k] x [k, n] -> [m, n]
Tensor transpose(const Tensor& x);                // of a matrix

// x w^T + b: x [n, in] (more dimensions are flattened to that), w [out, in], b [out] or undefined.
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& b);

Tensor softmax(const Tensor& x);  // over the last dimension
Tensor log_softmax(const Tensor& x);

// Zeroes each element with probability `rate` in [0, 1) and scales the others by 1 / (1 - rate).
// Element i is a function of (seed, stream, i): 16 random bits decide.
Tensor dropout(const Tensor& x, double rate, uint64_t seed, uint64_t stream);

// ---- losses: the mean over the examples, a scalar ----

// Of softmax(logits), stable. logits [n, classes]; labels int32 [n], or one-hot (or any
// distribution) floating [n, classes]. Throws Error on a label outside of [0, classes).
Tensor cross_entropy(const Tensor& logits, const Tensor& labels);
// Mean over examples and outputs of (prediction - target)^2.
Tensor mean_squared_error(const Tensor& prediction, const Tensor& target);
// Of sigmoid(logits), stable; targets in [0, 1], the same shape; mean over all elements. Throws
// Error on another target.
Tensor binary_cross_entropy(const Tensor& logits, const Tensor& target);

// ---- not differentiable ----

// How many rows of `scores` [n, classes] have their largest element (the first of equals) at the
// label: int32 [n], or one-hot [n, classes].
int64_t count_correct(const Tensor& scores, const Tensor& labels);

}  // namespace ravine
