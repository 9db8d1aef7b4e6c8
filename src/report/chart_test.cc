#include "report/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "report/html.h"

namespace ravine::report {
namespace {

std::vector<std::string> texts(const Axis& axis, std::vector<double> values, int count = 5,
                               bool whole = true) {
  std::vector<std::string> list;
  for (const Tick& tick : make_ruler(axis, values, count, whole).ticks) list.push_back(tick.text);
  return list;
}

using Texts = std::vector<std::string>;
const Axis kShare{"accuracy", Unit::kPercent}, kEpochs{"epoch", Unit::kWhole}, kLoss{"loss"},
    kLogLoss{"loss", Unit::kNumber, true};

TEST(Ticks, AreRoundNumbersWithNoMoreDigitsThanTheyNeed) {
  EXPECT_EQ(texts(kShare, {0.912, 0.983}), (Texts{"90%", "92%", "94%", "96%", "98%", "100%"}));
  EXPECT_EQ(texts(kShare, {0.981, 0.9834}),
            (Texts{"98.10%", "98.15%", "98.20%", "98.25%", "98.30%", "98.35%"}));
  EXPECT_EQ(texts(kLoss, {0.06, 0.31}),
            (Texts{"0.05", "0.10", "0.15", "0.20", "0.25", "0.30", "0.35"}));
  EXPECT_EQ(texts(kShare, {0, 0.0234})[0], "0.0%");  // not -0.0%
  EXPECT_EQ(texts(kShare, {0, 0})[0], "0%");
  EXPECT_EQ(texts(kLoss, {-3, 4}), (Texts{"-4", "-2", "0", "2", "4"}));
  EXPECT_EQ(texts({"step", Unit::kWhole}, {0, 9380}, 6, false),
            (Texts{"0", "2,000", "4,000", "6,000", "8,000"}));
  EXPECT_EQ(texts(kLoss, {0, 3e-7}), (Texts{"0", "1e-7", "2e-7", "3e-7"}));
  EXPECT_EQ(texts(kLoss, {0, 3e+30}, 3), (Texts{"0", "1e+30", "2e+30", "3e+30"}));
}

TEST(Ticks, OfEpochsAreWhole) {
  EXPECT_EQ(texts(kEpochs, {1, 3}, 6, false), (Texts{"1", "2", "3"}));
  EXPECT_EQ(texts(kEpochs, {1, 20}, 6, false), (Texts{"5", "10", "15", "20"}));
  EXPECT_EQ(texts(kEpochs, {7, 7}, 6, false), (Texts{"6", "7", "8"}));
}

TEST(Ticks, OfALogarithmArePowersOfTenAndWhatLiesBetween) {
  EXPECT_EQ(texts(kLogLoss, {0.03, 2.3}),
            (Texts{"0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"}));
  EXPECT_EQ(texts(kLogLoss, {1e-4, 12}),
            (Texts{"0.0001", "0.001", "0.01", "0.1", "1", "10", "100"}));
  const Texts far = texts(kLogLoss, {1e-30, 1e30});
  EXPECT_LE(far.size(), 9u);
  EXPECT_GE(far.size(), 4u);
}

TEST(Range, OfNothingOneAndEqualValuesIsNotEmpty) {
  const double nan = NAN, infinite = INFINITY, huge = std::numeric_limits<double>::max();
  const std::vector<std::vector<double>> cases = {
      {},       {nan},         {infinite, -infinite}, {0},
      {0, 0},   {5},           {0.98, 0.98, 0.98},    {-1e-300},
      {1e-320}, {-huge, huge}, {1, 1 + 1e-15},        {1, nan, 3},
      {1e300}};
  for (const bool log : {false, true}) {
    for (const Unit unit : {Unit::kNumber, Unit::kWhole, Unit::kPercent, Unit::kSeconds}) {
      for (const auto& values : cases) {
        const Ruler ruler = make_ruler({"", unit, log}, values, 5, true);
        SCOPED_TRACE(testing::PrintToString(values));
        EXPECT_TRUE(std::isfinite(ruler.scale.low) && std::isfinite(ruler.scale.high));
        EXPECT_LT(ruler.scale.low, ruler.scale.high);
        EXPECT_GE(ruler.ticks.size(), 2u);
        EXPECT_LE(ruler.ticks.size(), 12u);
        for (const double value : values) {
          if (!ruler.scale.shows(value)) continue;
          EXPECT_GE(ruler.scale.at(value), -1e-9);
          EXPECT_LE(ruler.scale.at(value), 1 + 1e-9) << (value > 1e300 ? "clamped" : "");
        }
      }
    }
  }
}

TEST(Range, OfSharesStaysWithinAllAndNothing) {
  const Ruler all = make_ruler(kShare, std::vector<double>{1, 1}, 5, true);
  EXPECT_EQ(all.scale.high, 1);
  const Ruler none = make_ruler(kShare, std::vector<double>{0, 0.001}, 5, true);
  EXPECT_EQ(none.scale.low, 0);
}

TEST(Log, IsWantedWhereValuesAreFarApart) {
  EXPECT_TRUE(wants_log(std::vector<double>{2.3, 0.01}));
  EXPECT_TRUE(wants_log(std::vector<double>{2.3, NAN, 0.01}));
  EXPECT_FALSE(wants_log(std::vector<double>{2.3, 0.5}));
  EXPECT_FALSE(wants_log(std::vector<double>{2.3, 0}));
  EXPECT_FALSE(wants_log(std::vector<double>{}));
}

Chart chart_of(std::vector<Point> points) {
  return {.id = "c",
          .title = "t",
          .description = "d",
          .x = kEpochs,
          .y = kLoss,
          .series = {{.name = "test", .points = std::move(points)}}};
}

std::string attribute(const std::string& svg, const std::string& name) {
  std::smatch match;
  const std::regex pattern(" class=\"line\" data-name=[^>]*" + name + "=\"([^\"]*)\"");
  return std::regex_search(svg, match, pattern) ? match[1].str() : "";
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++n;
  return n;
}

TEST(ChartSvg, BreaksTheLineWhereAValueIsMissing) {
  const std::string svg = chart_svg(chart_of({{1, 3}, {2, NAN}, {3, 2}, {4, 1}}));
  const std::string path = attribute(svg, " d");
  EXPECT_EQ(count(path, "M"), 2u) << path;
  EXPECT_EQ(count(path, "L"), 1u) << path;
  EXPECT_EQ(attribute(svg, "data-values"), "1|3.0000;3|2.0000;4|1.0000");
}

TEST(ChartSvg, ShowsOnePointAndSaysWhereThereIsNone) {
  Chart one = chart_of({{1, 0.5}});
  one.series[0].markers = false;
  EXPECT_NE(chart_svg(one).find("class=\"marker\""), std::string::npos);
  for (const auto& points : {std::vector<Point>{}, {{1, NAN}, {2, INFINITY}}}) {
    EXPECT_NE(chart_svg(chart_of(points)).find("no finite values"), std::string::npos);
  }
}

// The line from corner to corner is y = x only where both axes show one range.
TEST(ChartSvg, ADiagonalHasTheSameTicksOnBothAxes) {
  for (const double high : {404, 417, 447}) {
    Chart chart = chart_of({{301, 305}, {402, high}});
    chart.x = {"target"}, chart.y = {"predicted"}, chart.diagonal = true;
    const std::string svg = chart_svg(chart);
    const auto ticks = [&](const std::string& axis) {
      const std::regex pattern("class=\"tick " + axis + "\"[^>]*>([^<]*)<");
      std::vector<std::string> texts;
      for (std::sregex_iterator at(svg.begin(), svg.end(), pattern), end; at != end; ++at) {
        texts.push_back((*at)[1]);
      }
      return texts;
    };
    EXPECT_GE(ticks("x").size(), 3u);
    EXPECT_EQ(ticks("x"), ticks("y")) << high;
  }
}

TEST(ChartSvg, HoldsNamesAsTextWhateverTheyAre) {
  Chart chart = chart_of({{1, 1}, {2, 2}});
  chart.series[0].name = "<script>\"&'\x01\xff";
  const std::string svg = chart_svg(chart);
  EXPECT_EQ(svg.find("<script"), svg.npos);
  EXPECT_EQ(count(svg, "&lt;script&gt;&quot;&amp;&#39;\uFFFD\uFFFD"), 2u)
      << svg;  // legend and line
}

TEST(ChartSvg, StaysInsideOfItsBoxWhateverTheNumbers) {
  std::vector<Point> points;
  for (int i = 0; i < 50; ++i) points.push_back({double(i * i), std::exp(30.0 - i) - 1});
  Chart chart = chart_of(points);
  for (int i = 1; i < 40; ++i) chart.series.push_back(chart.series[0]), chart.series[i].look = i;
  chart.series[0].name = std::string(300, 'n');
  const std::string svg = chart_svg(chart);
  const std::regex position("[ML](-?[0-9.]+) (-?[0-9.]+)");
  for (std::sregex_iterator at(svg.begin(), svg.end(), position), end; at != end; ++at) {
    const double x = std::stod((*at)[1]);
    EXPECT_TRUE(x >= 0 && x <= 400) << at->str();
  }
  EXPECT_EQ(svg.find("nan"), svg.npos);
  EXPECT_EQ(svg.find("inf"), svg.npos);
}

TEST(ChartSvg, DrawsBandsAndTellsSeriesApartByMoreThanColour) {
  Chart chart = chart_of({{1, 2}, {2, 1}});
  chart.series[0].low = {1, 0.5}, chart.series[0].high = {3, 2};
  chart.series.push_back({.name = "train", .look = 1, .line = Line::kDashed, .points = {{1, 2}}});
  const std::string svg = chart_svg(chart);
  EXPECT_EQ(count(svg, "class=\"band"), 1u);
  EXPECT_NE(svg.find("line dashed"), svg.npos);
  EXPECT_NE(key_svg(chart.series[0]), key_svg(chart.series[1]));
  for (const char* part :
       {"role=\"img\"", "<title id=\"c-title\">t<", "<desc id=\"c-text\">d<", "tabindex=\"0\""}) {
    EXPECT_NE(svg.find(part), svg.npos) << part;
  }
}

TEST(ChartSvg, DrawsPointsInTheShapeOfTheirLegend) {
  Chart chart = chart_of({{1, 2}, {2, 1}});
  chart.series.push_back({.name = "b", .look = 1, .points = {{1, 2}, {2, 2}}});
  for (Series& series : chart.series) series.line = Line::kNone;
  const std::string svg = chart_svg(chart);
  EXPECT_EQ(count(svg, "a3.2 3.2 0 1 0 6.4"), 3u) << svg;  // a circle in the legend, and two
  EXPECT_EQ(count(svg, "h5.8v5.8h-5.8z"), 3u) << svg;      // squares
  EXPECT_EQ(count(svg, "marker point"), 4u);
}

TEST(Escaped, KeepsTextAndReplacesWhatIsNone) {
  EXPECT_EQ(escaped("Größe 東京 \U0001F600"), "Größe 東京 \U0001F600");
  EXPECT_EQ(escaped("a<b & \"c\" 'd'"), "a&lt;b &amp; &quot;c&quot; &#39;d&#39;");
  for (const char* bad : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xe6\x9d", "\x01"}) {
    const std::string text = escaped(bad);
    EXPECT_EQ(text.find("\uFFFD"), 0u) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace ravine::report
