#include "kernels/matmul.h"

#include <dnnl.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cstring>

#include "base/team.h"
#include "kernels/elementwise.h"
#include "ravine/error.h"

namespace ravine::kernels {
namespace {

// oneDNN's bits depend on its number of threads (below AVX-512 it cuts k by them), so it gets one,
// and the team works on pieces whose number is a function of the shape alone.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

constexpr double kPieceWork = 4e6;  // multiplications and additions that are worth a thread
constexpr size_t kMostPieces = 8;
constexpr size_t kCutUnit = 16;  // pieces are whole vectors of any instruction set

size_t pieces_of(const Product<float>& p) {
  const double work = 2.0 * double(p.m) * double(p.n) * double(p.k);
  size_t pieces = 1;
  while (pieces < kMostPieces && work >= 2 * kPieceWork * double(pieces)) pieces *= 2;
  return pieces;
}

void multiply_piece(const Product<float>& p, size_t row, size_t rows, size_t column,
                    size_t columns) {
  const size_t lda = p.transpose_a ? p.m : p.k, ldb = p.transpose_b ? p.k : p.n;
  const float* const a = p.a + (p.transpose_a ? row : row * lda);
  const float* const b = p.b + (p.transpose_b ? column * ldb : column);
  float* const c = p.c + row * p.n + column;
  const OneThread one_thread;
  const dnnl_status_t status =
      dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', dnnl_dim_t(rows),
                 dnnl_dim_t(columns), dnnl_dim_t(p.k), 1, a, dnnl_dim_t(lda), b, dnnl_dim_t(ldb),
                 p.add ? 1.f : 0.f, c, dnnl_dim_t(p.n));
  if (status != dnnl_success) {
    throw Error(
        fmt::format("matmul: oneDNN failed with status {} on [{}, {}] x [{}, {}]; "
                    "use a smaller batch or model",
                    int(status), p.m, p.k, p.k, p.n));
  }
  if (p.bias != nullptr) add_to_rows(p.bias + column, c, rows, columns, p.n);
}

// c = (add ? c : 0) + bias: what is left of a product over no terms.
template <class T>
void start(const Product<T>& p) {
  if (!p.add) std::fill_n(p.c, p.m * p.n, T{0});
  if (p.bias == nullptr) return;
  for (size_t i = 0; i < p.m; ++i) {
    for (size_t j = 0; j < p.n; ++j) p.c[i * p.n + j] += p.bias[j];
  }
}

}  // namespace

void multiply(const Product<float>& p) {
  if (p.m == 0 || p.n == 0) return;
  if (p.k == 0) return start(p);
  // A piece of the columns runs as fast as the whole, one of the rows up to a third slower.
  const bool by_rows = p.n < kMostPieces * kCutUnit && p.n < p.m;
  const size_t length = by_rows ? p.m : p.n;
  const size_t units = (length + kCutUnit - 1) / kCutUnit;
  const size_t pieces = std::min(pieces_of(p), units);
  const auto cut = [&](size_t i) { return std::min(length, units * i / pieces * kCutUnit); };
  parallel_for(pieces, [&](size_t i) {
    const size_t begin = cut(i), count = cut(i + 1) - begin;
    if (by_rows) {
      multiply_piece(p, begin, count, 0, p.n);
    } else {
      multiply_piece(p, 0, p.m, begin, count);
    }
  });
}

void multiply(const Product<double>& p) {
  start(p);
  const auto a = [&](size_t i, size_t k) { return p.a[p.transpose_a ? k * p.m + i : i * p.k + k]; };
  for (size_t i = 0; i < p.m; ++i) {
    double* const c = p.c + i * p.n;
    if (p.transpose_b) {
      for (size_t j = 0; j < p.n; ++j) {
        for (size_t k = 0; k < p.k; ++k) c[j] += a(i, k) * p.b[j * p.k + k];
      }
    } else {
      for (size_t k = 0; k < p.k; ++k) {
        for (size_t j = 0; j < p.n; ++j) c[j] += a(i, k) * p.b[k * p.n + j];
      }
    }
  }
}

}  // namespace ravine::kernels
