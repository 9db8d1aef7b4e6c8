// Known values are SciPy 1.17.1's: stats.t.sf, stats.t.ppf, stats.t.interval, stats.ttest_rel.
#include "lab/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ravine::lab {
namespace {

TEST(Statistics, ChancesOfStudentsT) {
  const struct {
    double t;
    int64_t df;
    double p;
  } known[] = {{0, 3, 1},
               {1, 1, 0.5},
               {2.5, 4, 0.06676654481198814},
               {-2.5, 4, 0.06676654481198814},
               {0.3, 7, 0.7728900504021342},
               {12, 2, 0.00687293367715846},
               {4.2, 29, 0.00023184683639014843},
               {60, 4, 4.621068727635128e-07},
               {1e-3, 5, 0.9992407867721976},
               {3, 1000, 0.0027667090442381925}};
  for (const auto& k : known) {
    EXPECT_NEAR(t_two_sided(k.t, k.df) / k.p, 1, 1e-12) << k.t << " " << k.df;
  }
  EXPECT_EQ(t_two_sided(INFINITY, 4), 0);
  EXPECT_TRUE(std::isnan(t_two_sided(1, 0)));
}

TEST(Statistics, QuantilesOfStudentsT) {
  const struct {
    int64_t df;
    double t;
  } known[] = {{1, 12.706204736174694},  {2, 4.302652729749462},    {3, 3.1824463052837078},
               {4, 2.7764451051977934},  {5, 2.5705818356363146},   {9, 2.262157162798205},
               {30, 2.0422724563012378}, {1000, 1.9623390808264083}};
  for (const auto& k : known) EXPECT_NEAR(t_quantile(0.05, k.df) / k.t, 1, 1e-12) << k.df;
}

constexpr double kX[] = {0.9712, 0.9741, 0.9695, 0.9733, 0.9720};
constexpr double kY[] = {0.9690, 0.9735, 0.9701, 0.9699, 0.9688};

TEST(Statistics, IntervalsOfTheMean) {
  const Estimate e = estimate(kX);
  EXPECT_EQ(e.count, 5);
  EXPECT_NEAR(e.mean, 0.97202, 1e-15);
  EXPECT_NEAR(e.half, 0.0022374082407914386, 1e-14);
  EXPECT_TRUE(std::isnan(estimate({}).mean));
  EXPECT_EQ(estimate(std::span(kX, 1)).mean, 0.9712);
  EXPECT_TRUE(std::isnan(estimate(std::span(kX, 1)).half));
}

TEST(Statistics, PairedDifferences) {
  std::vector<double> differences;
  for (int i = 0; i < 5; ++i) differences.push_back(kX[i] - kY[i]);
  EXPECT_NEAR(paired_p(differences), 0.08437931939254263, 1e-12);
  const double same[] = {0.1, 0.1, 0.1}, none[] = {0, 0, 0};
  EXPECT_EQ(paired_p(same), 0);
  EXPECT_EQ(paired_p(none), 1);
  EXPECT_TRUE(std::isnan(paired_p(std::span(same, 1))));
}

// By hand: 4 x 0.005, 3 x 0.01, max(0.03, 2 x 0.03), max(0.06, 0.04).
TEST(Statistics, HolmsCorrection) {
  const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
  const std::vector<double> corrected = holm(p);
  const double known[] = {0.03, 0.06, NAN, 0.06, 0.02};
  for (size_t i = 0; i < 5; ++i) {
    if (i == 2) {
      EXPECT_TRUE(std::isnan(corrected[i]));
    } else {
      EXPECT_NEAR(corrected[i], known[i], 1e-15) << i;
    }
  }
  const double large[] = {0.7, 0.8};
  EXPECT_EQ(holm(large), (std::vector<double>{1, 1}));
  EXPECT_TRUE(holm({}).empty());
}

}  // namespace
}  // namespace ravine::lab
