// A tile is 6 rows by 2 vectors: its 12 sums, 2 factors from b and 1 from a fill the 16 registers
// of AVX2, and hide the latency of two FMAs a cycle. A panel of b, 2 vectors wide, is copied so
// that a tile reads it from end to end, and stays in L1; panels and rows of a are taken in blocks
// that stay in L2. After Goto & van de Geijn, Anatomy of high-performance matrix multiplication,
// 2008.
#include "kernels/tiles.h"

#include <algorithm>
#include <cstring>

#include "base/pool.h"
#include "base/team.h"

// With AVX-512 oneDNN is faster, and matmul.cc does not come here.
#if defined(__x86_64__)
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_AVX3 | HWY_AVX3_DL)
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/tiles.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/choose.h"

namespace ravine::kernels {
#ifndef RAVINE_TILES_PART
#define RAVINE_TILES_PART

constexpr size_t kTileRows = 6;
constexpr size_t kPanelSize = 4096;             // floats of a panel: a half of L1
constexpr size_t kPanelsSize = 8 * kPanelSize;  // of the panels of a block: a quarter of L2
constexpr size_t kBlockRows = 96;               // of a, in a block

// What one thread computes: strips of kTileRows rows, panels of columns, and memory to work in.
struct Part {
  size_t strip, strip_end, panel, panel_end;
  float *panels, *strips, *turned;
};

#endif
}  // namespace ravine::kernels

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace kernels;

using D = hn::ScalableTag<float>;
constexpr size_t kTileColumns = 2 * hn::MaxLanes(D());
constexpr size_t kDepth = kPanelSize / kTileColumns;

size_t tile_columns() { return kTileColumns; }

#if HWY_TARGET == HWY_SCALAR
constexpr size_t kTurned = 1;  // rows and columns at once
#else
constexpr size_t kTurned = 4;
#endif

// y[j, i] = x[i, j] for kTurned rows and columns.
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void turn_square(const float* x, size_t, float* y, size_t) { *y = *x; }
#else
HWY_INLINE void turn_square(const float* x, size_t x_row, float* y, size_t y_row) {
  const hn::CappedTag<float, 4> d;
  const auto r0 = hn::LoadU(d, x), r1 = hn::LoadU(d, x + x_row);
  const auto r2 = hn::LoadU(d, x + 2 * x_row), r3 = hn::LoadU(d, x + 3 * x_row);
  const auto even_low = hn::InterleaveLower(d, r0, r2), odd_low = hn::InterleaveLower(d, r1, r3);
  const auto even_high = hn::InterleaveUpper(d, r0, r2), odd_high = hn::InterleaveUpper(d, r1, r3);
  hn::StoreU(hn::InterleaveLower(d, even_low, odd_low), d, y);
  hn::StoreU(hn::InterleaveUpper(d, even_low, odd_low), d, y + y_row);
  hn::StoreU(hn::InterleaveLower(d, even_high, odd_high), d, y + 2 * y_row);
  hn::StoreU(hn::InterleaveUpper(d, even_high, odd_high), d, y + 3 * y_row);
}
#endif

// y[j, i] = x[i, j].
void turn(const float* x, size_t x_row, size_t rows, size_t columns, float* y, size_t y_row) {
  for (size_t j = 0; j < columns; j += kTurned) {
    for (size_t i = 0; i < rows; i += kTurned) {
      const float* const from = x + i * x_row + j;
      float* const to = y + j * y_row + i;
      const size_t height = std::min(kTurned, rows - i), width = std::min(kTurned, columns - j);
      if (height == kTurned && width == kTurned) {
        turn_square(from, x_row, to, y_row);
        continue;
      }
      for (size_t u = 0; u < height; ++u) {
        for (size_t v = 0; v < width; ++v) to[v * y_row + u] = from[u * x_row + v];
      }
    }
  }
}

// Columns [j, j + kTileColumns) of b's rows [k, k + depth), row after row; zeros beyond b's
// columns.
void pack_panel(const Tiles& t, size_t k, size_t depth, size_t j, float* out) {
  const D d;
  const size_t lanes = hn::Lanes(d), columns = std::min(kTileColumns, t.n - j);
  const float* from = t.b.at(k, j);
  if (columns < kTileColumns) std::fill_n(out, depth * kTileColumns, 0.f);
  if (t.b.row == 1) return turn(from, t.b.column, columns, depth, out, kTileColumns);
  for (size_t i = 0; i < depth; ++i, from += t.b.row, out += kTileColumns) {
    if (columns < kTileColumns) {
      std::copy_n(from, columns, out);
    } else {
      hn::StoreU(hn::LoadU(d, from), d, out);
      hn::StoreU(hn::LoadU(d, from + lanes), d, out + lanes);
    }
  }
}

// a's rows [i, i + kTileRows) of columns [k, k + depth), column after column.
void pack_strip(const Tiles& t, size_t i, size_t k, size_t depth, float* out) {
  const float* from = t.a.at(i, k);
  for (size_t q = 0; q < depth; ++q, from += t.a.column, out += kTileRows) {
    std::memcpy(out, from, kTileRows * sizeof(float));
  }
}

// c = (add ? c : 0) + a b over `depth` terms, for kRows rows and the columns of a panel. kPacked: a
// is a packed strip. The pragmas: g++ keeps `sums` in registers only if it unrolls early; four
// terms a turn leave it fewer instructions an FMA.
template <size_t kRows, bool kPacked = false>
HWY_NOINLINE void tile(Strided a, const float* HWY_RESTRICT b, size_t depth, bool add, float* c,
                       size_t c_row) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const float* HWY_RESTRICT factor = a.data;
  hn::Vec<D> sums[kRows][2];
#pragma GCC unroll 6
  for (size_t i = 0; i < kRows; ++i) {
    hwy::Prefetch(c + i * c_row);
    sums[i][0] = add ? hn::LoadU(d, c + i * c_row) : hn::Zero(d);
    sums[i][1] = add ? hn::LoadU(d, c + i * c_row + lanes) : hn::Zero(d);
  }
  const size_t a_row = kPacked ? 1 : a.row, a_column = kPacked ? kTileRows : a.column;
#pragma GCC unroll 4
  for (const float* const end = b + depth * kTileColumns; b != end;
       factor += a_column, b += kTileColumns) {
    const auto b0 = hn::LoadU(d, b), b1 = hn::LoadU(d, b + lanes);
#pragma GCC unroll 6
    for (size_t i = 0; i < kRows; ++i) {
      const auto x = hn::Set(d, factor[i * a_row]);
      sums[i][0] = hn::MulAdd(x, b0, sums[i][0]);
      sums[i][1] = hn::MulAdd(x, b1, sums[i][1]);
    }
  }
#pragma GCC unroll 6
  for (size_t i = 0; i < kRows; ++i) {
    hn::StoreU(sums[i][0], d, c + i * c_row);
    hn::StoreU(sums[i][1], d, c + i * c_row + lanes);
  }
}

// The tile of the right height.
template <size_t kRows = kTileRows>
void tile_of(size_t rows, Strided a, const float* b, size_t depth, bool add, float* c,
             size_t c_row) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return tile_of<kRows - 1>(rows, a, b, depth, add, c, c_row);
  }
  if constexpr (kRows == kTileRows) {
    if (a.row == 1) return tile<kRows, true>(a, b, depth, add, c, c_row);
  }
  tile<kRows>(a, b, depth, add, c, c_row);
}

// A tile at the right edge, where the rows of c are no whole vectors.
void narrow_tile(size_t rows, size_t columns, Strided a, const float* b, size_t depth, bool add,
                 float* c, size_t c_row) {
  HWY_ALIGN float sums[kTileRows * kTileColumns] = {};
  for (size_t i = 0; add && i < rows; ++i) {
    std::copy_n(c + i * c_row, columns, sums + i * kTileColumns);
  }
  tile_of(rows, a, b, depth, add, sums, kTileColumns);
  for (size_t i = 0; i < rows; ++i) {
    std::copy_n(sums + i * kTileColumns, columns, c + i * c_row);
  }
}

// All tiles of rows [i, i_end) in panels [p, p_end), which lie packed, over the terms from k on.
void multiply_block(const Tiles& t, const Part& part, size_t i, size_t i_end, size_t p,
                    size_t p_end, size_t k, size_t depth) {
  const bool add = t.add || k > 0, pack = t.a.column != 1;
  for (size_t row = i; pack && row + kTileRows <= i_end; row += kTileRows) {
    pack_strip(t, row, k, depth, part.strips + (row - i) * depth);
  }
  const size_t turned_row = (part.panel_end - part.panel) * kTileColumns;
  const float* b = part.panels;
  for (; p < p_end; ++p, b += depth * kTileColumns) {
    const size_t column = p * kTileColumns, columns = std::min(kTileColumns, t.n - column);
    for (size_t row = i; row < i_end; row += kTileRows) {
      const size_t rows = std::min(kTileRows, i_end - row);
      const Strided a = pack && rows == kTileRows
                            ? Strided{part.strips + (row - i) * depth, 1, kTileRows}
                            : Strided{t.a.at(row, k), t.a.row, t.a.column};
      if (t.turned) {
        float* const c = part.turned + (row - part.strip * kTileRows) * turned_row +
                         (p - part.panel) * kTileColumns;
        tile_of(rows, a, b, depth, add, c, turned_row);
      } else if (columns == kTileColumns) {
        tile_of(rows, a, b, depth, add, t.c + row * t.n + column, t.n);
      } else {
        narrow_tile(rows, columns, a, b, depth, add, t.c + row * t.n + column, t.n);
      }
    }
  }
}

// A part: its panels are packed once for each block of k, so many at a time as stay in L2.
void multiply_part(const Tiles& t, const Part& part) {
  const size_t begin = part.strip * kTileRows, end = std::min(t.m, part.strip_end * kTileRows);
  for (size_t k = 0; k < t.k; k += kDepth) {
    const size_t depth = std::min(kDepth, t.k - k);
    const size_t most = kPanelsSize / (depth * kTileColumns);
    for (size_t p = part.panel; p < part.panel_end; p += most) {
      const size_t p_end = std::min(p + most, part.panel_end);
      for (size_t q = p; q < p_end; ++q) {
        float* const out = part.panels + (q - p) * depth * kTileColumns;
        pack_panel(t, k, depth, q * kTileColumns, out);
      }
      for (size_t i = begin; i < end; i += kBlockRows) {
        multiply_block(t, part, i, std::min(i + kBlockRows, end), p, p_end, k, depth);
      }
    }
  }
  if (!t.turned) return;
  const size_t column = part.panel * kTileColumns;
  const size_t columns = std::min(t.n, part.panel_end * kTileColumns) - column;
  turn(part.turned, (part.panel_end - part.panel) * kTileColumns, end - begin, columns,
       t.c + column * t.m + begin, t.m);
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

namespace kernels {
namespace {

constexpr double kThreadWork = 2e6;  // multiplications and additions that are worth a thread

size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }

struct Grid {
  size_t strips, panels;  // parts of each
};

// The cut into at most `most` parts whose largest is smallest; more parts of the panels, so that
// none is packed twice.
Grid grid_of(size_t strips, size_t panels, size_t most) {
  Grid best{1, 1};
  size_t least = strips * panels;
  for (size_t p = 1; p <= std::min(most, panels); ++p) {
    const size_t s = std::min(strips, most / p);
    const size_t largest = quotient_up(strips, s) * quotient_up(panels, p);
    if (largest <= least) least = largest, best = {s, p};
  }
  return best;
}

}  // namespace

void multiply_tiles(const Tiles& t) {
  const size_t width = RAVINE_CHOOSE(tile_columns)();
  const size_t strips = quotient_up(t.m, kTileRows), panels = quotient_up(t.n, width);
  const double work = 2.0 * double(t.m) * double(t.n) * double(t.k);
  const double worth = std::clamp(work / kThreadWork, 1.0, double(threads()));
  const Grid grid = grid_of(strips, panels, size_t(worth));
  const size_t rows = quotient_up(strips, grid.strips) * kTileRows;  // of the largest part
  const size_t columns = quotient_up(panels, grid.panels) * width;
  const size_t depth = std::min(t.k, kPanelSize / width);
  const size_t panels_size = std::min(kPanelsSize, columns * depth);
  const size_t strips_size = t.a.column == 1 ? 0 : quotient_up(kBlockRows * depth, 16) * 16;
  const size_t size = panels_size + strips_size + (t.turned ? rows * columns : 0);
  const Buffer<float> memory(size * grid.strips * grid.panels);
  parallel_for(grid.strips * grid.panels, [&](size_t i) {
    const size_t s = i / grid.panels, p = i % grid.panels;
    float* const own = memory.data() + i * size;
    RAVINE_CHOOSE(multiply_part)
    (t, {strips * s / grid.strips, strips * (s + 1) / grid.strips, panels * p / grid.panels,
         panels * (p + 1) / grid.panels, own, own + panels_size, own + panels_size + strips_size});
  });
}

}  // namespace kernels
}  // namespace ravine
#endif
