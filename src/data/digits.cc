// A digit is a skeleton of strokes, bent as a hand bends it, followed by a round pen.
#include "data/digits.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/math.h"
#include "base/team.h"
#include "ravine/random.h"

namespace ravine {
namespace {

constexpr uint64_t kDigitSeed = 0xD161;
constexpr int kCurveSteps = 6;  // straight pieces between two knots
constexpr int kGrid = 5;        // knots a side of the elastic field

struct Point {
  double x, y;
};

Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(double k, Point a) { return {k * a.x, k * a.y}; }

// How one hand writes one digit; lengths in pixels unless said otherwise.
struct Hand {
  double height, width;        // of the box that the skeleton fills
  double slant, cosine, sine;  // to the right per unit of height; of the angle it is turned by
  Point centre;                // of the box
  double radius, pressure;     // of the pen; its relative change from a stroke's start to its end
  double shake;                // deviation of a knot, in parts of the box
  std::array<Point, kGrid * kGrid> field;  // the elastic field, by cubic B-splines
  double ink, blur, grain;  // brightness; share given to each neighbour; deviation of the noise

  explicit Hand(Random& random) {
    height = random.uniform(15, 21);
    width = height * random.uniform(0.72, 1.18);
    slant = std::clamp(0.06 + 0.19 * random.normal(), -0.32, 0.44);
    const double turn = std::clamp(0.1 * random.normal(), -0.22, 0.22);
    cosine = math::cos(turn), sine = math::sin(turn);
    centre = {14 + random.uniform(-2.5, 2.5), 14 + random.uniform(-2.5, 2.5)};
    radius = random.uniform(0.75, 1.55);
    pressure = random.uniform(-0.3, 0.3);
    shake = random.uniform(0.01, 0.028);
    const double bend = random.uniform(0.5, 2.2);
    for (Point& p : field) p = {bend * random.normal(), bend * random.normal()};
    ink = random.uniform(0.8, 1);
    blur = random.uniform(0, 0.2);
    grain = random.uniform(0, 0.06);
  }

  // From the box to the image: stretched, slanted, turned, moved, bent.
  Point place(Point p) const {
    const double x = (p.x - 0.5) * width - slant * (p.y - 0.5) * height, y = (p.y - 0.5) * height;
    const Point q = {centre.x + cosine * x - sine * y, centre.y + sine * x + cosine * y};
    return q + displacement(q);
  }

  Point displacement(Point p) const {
    const auto weights = [](double at, int& first) {  // of a uniform cubic B-spline
      const double u = std::clamp(at / kDigitSide, 0.0, 1.0) * (kGrid - 3);
      first = std::min(int(u), kGrid - 4);
      const double t = u - first, s = 1 - t;
      return std::array<double, 4>{s * s * s / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
                                   (3 * s * s * s - 6 * s * s + 4) / 6, t * t * t / 6};
    };
    int column, row;
    const auto wx = weights(p.x, column), wy = weights(p.y, row);
    Point sum{0, 0};
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) {
        sum = sum + wy[size_t(i)] * wx[size_t(j)] * field[size_t((row + i) * kGrid + column + j)];
      }
    }
    return sum;
  }
};

// The smooth curve from b to c, whose neighbours are a and d (Catmull & Rom), at t in [0, 1].
Point curve(Point a, Point b, Point c, Point d, double t) {
  const Point in = 0.5 * (c - a), out = 0.5 * (d - b);
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * b + (t3 - 2 * t2 + t) * in + (3 * t2 - 2 * t3) * c +
         (t3 - t2) * out;
}

// A stroke as short straight pieces in the image.
using Chain = std::vector<Point>;

Chain trace(const Stroke& stroke, const Hand& hand, Random& random) {
  std::vector<Point> knots;
  for (const Knot& knot : stroke) {
    knots.push_back({knot.x + hand.shake * random.normal(), knot.y + hand.shake * random.normal()});
  }
  Chain chain{hand.place(knots[0])};
  for (size_t i = 0; i + 1 < knots.size(); ++i) {
    const Point b = knots[i], c = knots[i + 1];
    const bool starts = i == 0 || stroke[i].corner;
    const bool ends = i + 2 == knots.size() || stroke[i + 1].corner;
    const Point a = starts ? b : knots[i - 1], d = ends ? c : knots[i + 2];
    for (int k = 1; k <= kCurveSteps; ++k) {
      chain.push_back(hand.place(curve(a, b, c, d, double(k) / kCurveSteps)));
    }
  }
  return chain;
}

// What moves the strokes to `margin` from the edges, where they come nearer.
Point into_frame(const std::vector<Chain>& chains, double margin) {
  Point low{kDigitSide, kDigitSide}, high{0, 0};
  for (const Chain& chain : chains) {
    for (const Point p : chain) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const auto shift = [&](double first, double last) {
    return std::max(0.0, margin - first) - std::max(0.0, last + margin - kDigitSide);
  };
  return {shift(low.x, high.x), shift(low.y, high.y)};
}

using Canvas = std::array<double, kDigitPixels>;

// Ink in a round pen's way from a to b: full inside of `radius`, fading over a pixel at its edge.
void draw_line(Point a, Point b, double radius, Canvas& canvas) {
  const double reach = radius + 0.5;
  const Point along = b - a;
  const double length2 = along.x * along.x + along.y * along.y;
  const double scale = length2 > 0 ? 1 / length2 : 0;
  const auto first = [&](double u, double v) { return std::max(0, int(std::min(u, v) - reach)); };
  const auto end = [&](double u, double v) {
    return std::min(kDigitSide, int(std::max(u, v) + reach) + 1);
  };
  for (int y = first(a.y, b.y); y < end(a.y, b.y); ++y) {
    for (int x = first(a.x, b.x); x < end(a.x, b.x); ++x) {
      const Point to = Point{x + 0.5, y + 0.5} - a;
      const double t = std::clamp((to.x * along.x + to.y * along.y) * scale, 0.0, 1.0);
      const Point off = to - t * along;
      const double distance2 = off.x * off.x + off.y * off.y;
      if (distance2 >= reach * reach) continue;
      double& pixel = canvas[size_t(y * kDigitSide + x)];
      pixel = std::max(pixel, std::min(reach - std::sqrt(distance2), 1.0));
    }
  }
}

// Gives `share` of each pixel to both neighbours along one direction.
void blur(Canvas& canvas, double share, int step, int across) {
  for (int line = 0; line < kDigitSide; ++line) {
    double* const pixel = &canvas[size_t(line * across)];
    double before = 0;
    for (int i = 0; i < kDigitSide; ++i) {
      const double now = pixel[i * step];
      const double after = i + 1 < kDigitSide ? pixel[(i + 1) * step] : 0;
      pixel[i * step] = (1 - 2 * share) * now + share * (before + after);
      before = now;
    }
  }
}

// Nearly normal with deviation 1: four bytes of a word, centred and scaled.
double rough_normal(uint32_t word) {
  const int sum = int(word & 255) + int(word >> 8 & 255) + int(word >> 16 & 255) + int(word >> 24);
  return (sum - 510) * (1 / 147.8);
}

}  // namespace

int draw_digit(uint64_t seed, uint64_t index, std::span<uint8_t, kDigitPixels> pixels) {
  Random random(derive_seed(seed, kDigitSeed), index);
  const int digit = int(random.below(10));
  const auto& ways = glyphs_of(digit);
  const Glyph& glyph = ways[random.below(ways.size())];
  const Hand hand(random);
  std::vector<Chain> chains;
  for (const Stroke& stroke : glyph) chains.push_back(trace(stroke, hand, random));
  const Point shift = into_frame(chains, hand.radius + 1);
  Canvas canvas{};
  for (const Chain& chain : chains) {
    const double count = double(chain.size() - 1);
    for (size_t i = 0; i + 1 < chain.size(); ++i) {
      const double radius = hand.radius * (1 + hand.pressure * (double(i) / count - 0.5));
      draw_line(chain[i] + shift, chain[i + 1] + shift, radius, canvas);
    }
  }
  blur(canvas, hand.blur, 1, kDigitSide);
  blur(canvas, hand.blur, kDigitSide, 1);
  for (size_t i = 0; i < pixels.size(); ++i) {
    const double value = hand.ink * canvas[i] + hand.grain * rough_normal(random.word());
    pixels[i] = uint8_t(std::clamp(value, 0.0, 1.0) * 255 + 0.5);
  }
  return digit;
}

namespace {

Dataset draw(uint64_t seed, size_t first, size_t count) {
  std::vector<uint8_t> pixels(count * kDigitPixels);
  std::vector<int32_t> labels(count);
  parallel_for(count, [&](size_t i) {
    const std::span<uint8_t, kDigitPixels> image(&pixels[i * kDigitPixels], size_t{kDigitPixels});
    labels[i] = draw_digit(seed, first + i, image);
  });
  Dataset data =
      Dataset::images(std::move(pixels), {kDigitSide, kDigitSide}, std::move(labels), 10);
  data.name = "digits";
  data.class_names = digit_names();
  return data;
}

}  // namespace

std::vector<std::string> digit_names() {
  return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
}

TrainTest draw_digits(uint64_t seed) {
  return {draw(seed, 0, kDigitsToTrain), draw(seed, kDigitsToTrain, kDigitsToTest)};
}

}  // namespace ravine
